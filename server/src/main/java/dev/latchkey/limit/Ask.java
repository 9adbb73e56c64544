package dev.latchkey.limit;

/**
 * What a node tells and asks of the shared count of one limit.
 *
 * @param period when the period of a quota begins, in milliseconds of the clock; 0 for a rate
 * @param owed what was used beyond what the node had got
 * @param since in how many nanoseconds it was used
 * @param wanted what it expects to need soon; negative for what it gives back
 */
record Ask(Key key, CallLimits limits, long period, long owed, long since, long wanted) {}
