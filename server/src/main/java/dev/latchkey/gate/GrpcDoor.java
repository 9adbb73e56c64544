package dev.latchkey.gate;

import dev.latchkey.http.Connections;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelInboundHandlerAdapter;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.ServerChannel;
import io.grpc.netty.shaded.io.netty.channel.epoll.Epoll;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollServerSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.nio.NioEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioServerSocketChannel;
import io.grpc.netty.shaded.io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

/** Takes gRPC's connections in, or refuses them: they count with those of all other ports. */
final class GrpcDoor implements AutoCloseable {
    private final Connections connections;
    private final EventLoopGroup accepting = threads("grpc-accept", 1);
    private final EventLoopGroup reading = threads("grpc", 0);

    GrpcDoor(Connections connections) {
        this.connections = connections;
    }

    private static EventLoopGroup threads(String name, int count) {
        ThreadFactory factory = new DefaultThreadFactory(name, true);
        return Epoll.isAvailable() ? new EpollEventLoopGroup(count, factory) : new NioEventLoopGroup(count, factory);
    }

    /** Every connection of this server comes through here. */
    NettyServerBuilder before(NettyServerBuilder server) {
        return server.channelFactory(this::listening)
                .bossEventLoopGroup(accepting)
                .workerEventLoopGroup(reading);
    }

    private ServerChannel listening() {
        ServerChannel listening = Epoll.isAvailable() ? new EpollServerSocketChannel() : new NioServerSocketChannel();
        listening.pipeline().addLast(new Admission());
        return listening;
    }

    private final class Admission extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object accepted) {
            Channel channel = (Channel) accepted;
            Optional<Connections.Place> place = channel.remoteAddress() instanceof InetSocketAddress peer
                    ? connections.admit(peer.getAddress())
                    : Optional.empty();
            if (place.isEmpty()) {
                channel.config().setOption(ChannelOption.SO_LINGER, 0);
                channel.unsafe().closeForcibly();
                return;
            }
            channel.closeFuture().addListener(closed -> place.get().leave());
            channel.pipeline().addLast(new Presence(place.get()));
            context.fireChannelRead(accepted);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            // Most likely the system has no file left. The server rests for a second and goes on.
            connections.makeRoom();
            context.fireExceptionCaught(cause);
        }
    }

    /** Who makes room is chosen by when each last said something. */
    private static final class Presence extends ChannelInboundHandlerAdapter {
        private final Connections.Place place;

        Presence(Connections.Place place) {
            this.place = place;
        }

        @Override
        public void channelActive(ChannelHandlerContext context) {
            place.closeWith(context.channel()::close);
            context.fireChannelActive();
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            place.isIdleFromNowOn();
            context.fireChannelReadComplete();
        }
    }

    @Override
    public void close() {
        accepting.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        reading.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
}
