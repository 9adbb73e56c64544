/**
 * gRPC calls over our own HTTP/2: how a message is framed, and how a call says that it failed. It is independent of any
 * service.
 */
@NullMarked
package dev.latchkey.grpc;

import org.jspecify.annotations.NullMarked;
