package dev.latchkey.console;

import dev.latchkey.access.Endpoint;
import java.util.List;

/** A row in an API's table of endpoints, with the roles that may call the endpoint. */
public record EndpointRow(Endpoint endpoint, List<String> roles) {}
