package dev.latchkey.signing;

import com.nimbusds.jose.jwk.JWK;

/** A key that is not stored yet. It is generated before the transaction that may need it: an RSA key takes a while. */
record FreshKey(SigningAlgorithm algorithm, JWK jwk) {
    static FreshKey of(SigningAlgorithm algorithm) {
        return new FreshKey(algorithm, algorithm.generate());
    }

    String id() {
        return jwk.getKeyID();
    }

    String publicJwk() {
        return jwk.toPublicJWK().toJSONString();
    }

    String privateJwk() {
        return jwk.toJSONString();
    }

    @Override
    public String toString() {
        return "FreshKey[" + id() + "]";
    }
}
