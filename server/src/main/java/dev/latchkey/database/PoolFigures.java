package dev.latchkey.database;

/**
 * What a pool of connections is doing.
 *
 * @param name that of its lane
 * @param inUse how many connections are in use
 * @param idle how many are open and not in use
 * @param waiting how many threads wait for a connection
 * @param most how many connections it may have
 */
public record PoolFigures(String name, int inUse, int idle, int waiting, int most) {}
