package dev.latchkey.bench;

/**
 * The result of one round of load.
 *
 * @param perSecond answered requests a second, whatever their status
 * @param p50 milliseconds within which half of the good responses came
 * @param good how many responses were 2xx or 3xx
 * @param busy how many were 503
 * @param busyP99 milliseconds within which nearly all of those came
 * @param other how many were something else, or none
 * @param cpuMicros the processor time of the server's processes for one request
 */
record Sample(
        double perSecond,
        double p50,
        double p99,
        double p999,
        long good,
        long busy,
        double busyP99,
        long other,
        double cpuMicros) {

    Sample withCpu(double micros) {
        return new Sample(perSecond, p50, p99, p999, good, busy, busyP99, other, micros);
    }
}
