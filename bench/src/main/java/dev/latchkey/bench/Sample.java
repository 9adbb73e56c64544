package dev.latchkey.bench;

/**
 * What one round of load showed.
 *
 * @param perSecond answered requests a second, whatever the answer
 * @param p50 milliseconds within which half of the good answers came
 * @param good how many answers were 2xx or 3xx
 * @param busy how many were 503
 * @param busyP99 milliseconds within which nearly all of those came
 * @param other how many were something else, or none
 * @param cpuMicros what the server's processes spent of a processor for one request
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
