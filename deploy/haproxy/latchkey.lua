-- Asks Latchkey whether a request may pass. HAProxy has no such feature, but its Lua has an HTTP client.
-- If the request may pass, the API learns who is calling; if not, the caller learns why; without an answer, the request is refused.

-- Longer than the timeouts for Latchkey in haproxy.cfg, which respond with 503 or 504 before that.
local TIMEOUT_MS = 5000

local FIELDS = {
    "latchkey-endpoint",
    "latchkey-client-id",
    "latchkey-account",
    "latchkey-role",
    "latchkey-description",
    "latchkey-credential",
    "latchkey-assertion",
}

-- Where callers send API keys, apart from Authorization. If the API takes keys in a field of another name, write that name here.
local KEY_FIELD = "x-api-key"

-- The caller's own fields that the gate needs: the credential with its proof (RFC 9449), every field that can override the
-- method, and what the request asks of an MCP server.
local ASKED = {
    "authorization",
    KEY_FIELD,
    "dpop",
    "user-agent",
    "x-http-method-override",
    "x-http-method",
    "x-method-override",
    "mcp-protocol-version",
    "mcp-method",
    "mcp-name",
}

-- Some frameworks take the path from the first two instead of the request's first line; the last belongs to h2c.
local NEVER_PASSED = {
    ["x-original-url"] = true,
    ["x-rewrite-url"] = true,
    ["http2-settings"] = true,
}

-- Answers that are forwarded to the caller unchanged. Any other says nothing about the request.
local DECIDED = { [200] = true, [400] = true, [401] = true, [403] = true, [429] = true, [431] = true }

-- For the caller: how to try again, and where it stands with its limits.
local FOR_CALLER = { "www-authenticate", "retry-after", "ratelimit", "ratelimit-policy" }

local UNAVAILABLE = '{"type":"about:blank","title":"Service Unavailable","status":503,"code":"unavailable",'
    .. '"detail":"Access cannot be checked now. Try again in a moment."}'

local function values(fields)
    local all = {}
    local index = 0
    while fields ~= nil and fields[index] ~= nil do
        all[#all + 1] = fields[index]
        index = index + 1
    end
    return all
end

local function refuse(txn, status, fields, body)
    local reply = txn:reply { status = status }
    for name, value in pairs(fields) do
        reply:add_header(name, value)
    end
    reply:set_body(body)
    txn:done(reply)
end

core.register_action("latchkey", { "http-req" }, function(txn, url)
    local sent = txn.http:req_get_headers()

    -- Names reserved for us, and names that some programs read as a different one: they treat an underscore as a hyphen.
    for name, _ in pairs(sent) do
        if NEVER_PASSED[name] or name:find("^latchkey") or name:find("[^%w%-]") then
            txn.http:req_del_header(name)
        end
    end
    -- A connection that is upgraded can carry unchecked requests. A WebSocket carries none.
    local upgrade = values(sent["upgrade"])
    if #upgrade ~= 1 or upgrade[1]:lower() ~= "websocket" then
        txn.http:req_del_header("upgrade")
    end

    local headers = {
        ["x-original-method"] = { txn.sf:method() },
        ["x-original-uri"] = { txn.sf:pathq() },
        ["x-original-host"] = { txn.sf:req_hdr("host") },
        ["x-forwarded-for"] = { txn.sf:src() },
    }
    for _, name in ipairs(ASKED) do
        local own = values(sent[name])
        if #own > 0 then
            headers[name] = own
        end
    end

    local answer = core.httpclient():get { url = url, headers = headers, timeout = TIMEOUT_MS }
    if answer == nil or not DECIDED[answer.status] then
        refuse(txn, 503, { ["content-type"] = "application/problem+json", ["retry-after"] = "1" }, UNAVAILABLE)
        return
    end
    if answer.status == 200 then
        for _, name in ipairs(FIELDS) do
            local value = values(answer.headers[name])[1]
            if value ~= nil then
                txn.http:req_set_header(name, value)
            end
        end
        -- The API never gets an API key.
        txn.http:req_del_header(KEY_FIELD)
        if values(answer.headers["latchkey-credential"])[1] == "api_key" then
            txn.http:req_del_header("authorization")
        end
        local target = values(answer.headers["latchkey-target"])[1]
        if target ~= nil then
            txn.http:req_set_uri(target)
        end
        -- haproxy.cfg adds these to the API's response.
        for variable, name in pairs({ latchkey_limit = "ratelimit", latchkey_limit_policy = "ratelimit-policy" }) do
            local value = values(answer.headers[name])[1]
            if value ~= nil then
                txn:set_var("txn." .. variable, value)
            end
        end
        txn:set_var("txn.latchkey", "allowed")
        return
    end
    local fields = { ["content-type"] = "application/problem+json", ["cache-control"] = "no-store" }
    for _, name in ipairs(FOR_CALLER) do
        local value = values(answer.headers[name])[1]
        if value ~= nil then
            fields[name] = value
        end
    end
    refuse(txn, answer.status, fields, answer.body)
end, 1)
