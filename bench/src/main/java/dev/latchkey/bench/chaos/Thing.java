package dev.latchkey.bench.chaos;

/**
 * A basis of an access: when it ends, so does every access that is based on it.
 *
 * @param owner the id that events name as their target
 * @param part which part of it, such as the number of a secret; empty for the whole
 */
record Thing(Kind kind, String owner, String part) {
    enum Kind {
        TOKEN,
        SECRET,
        SIGNING_KEY,
        PERSON,
        /** A person has accepted their invitation, and has been signed in since. */
        SESSION,
        /** A role's privilege. The only kind that may come back: it can be allowed again. */
        GRANT
    }

    static Thing token(String clientId) {
        return new Thing(Kind.TOKEN, clientId, "");
    }

    static Thing secret(String clientId, long number) {
        return new Thing(Kind.SECRET, clientId, Long.toString(number));
    }

    static Thing signingKey(String keyId) {
        return new Thing(Kind.SIGNING_KEY, keyId, "");
    }

    static Thing person(String userId) {
        return new Thing(Kind.PERSON, userId, "");
    }

    static Thing session(String userId) {
        return new Thing(Kind.SESSION, userId, "");
    }

    static Thing grant(String role, String privilege) {
        return new Thing(Kind.GRANT, role, privilege);
    }

    boolean endsForGood() {
        return kind != Kind.GRANT;
    }

    @Override
    public String toString() {
        return kind.name().toLowerCase(java.util.Locale.ROOT).replace('_', ' ') + " " + owner
                + (part.isEmpty() ? "" : " (" + part + ")");
    }
}
