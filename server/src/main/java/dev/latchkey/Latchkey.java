package dev.latchkey;

public final class Latchkey {
    private Latchkey() {}

    public static void main(String[] args) {
        System.out.println("Latchkey");
    }
}
