package dev.latchkey.access;

/**
 * A named permission on one API.
 *
 * @param api the API's name, such as {@code latchkey}
 * @param name such as {@code tokens:read}
 */
public record Privilege(String api, String name) implements Comparable<Privilege> {

    @Override
    public int compareTo(Privilege other) {
        int byApi = api.compareTo(other.api);
        return byApi != 0 ? byApi : name.compareTo(other.name);
    }

    @Override
    public String toString() {
        return api + "/" + name;
    }
}
