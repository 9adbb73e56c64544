-- Asks Latchkey whether a request may pass. HAProxy has no such question built in; its Lua has an HTTP client.
-- On yes the API learns who calls; on no the caller learns why; if there is no answer, the request is refused.

local TIMEOUT_MS = 3000

local FIELDS = {
    "latchkey-endpoint",
    "latchkey-client-id",
    "latchkey-account",
    "latchkey-role",
    "latchkey-description",
}

-- What the gate needs of the caller's own fields: the credential, and every field that names another method.
local ASKED = {
    "authorization",
    "user-agent",
    "x-http-method-override",
    "x-http-method",
    "x-method-override",
}

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

    -- Names that a program behind us might take for ours, in any case and with underscores.
    for name, _ in pairs(sent) do
        if name:lower():gsub("_", "-"):find("^latchkey%-") then
            txn.http:req_del_header(name)
        end
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
    if answer == nil or (answer.status ~= 200 and answer.status ~= 401 and answer.status ~= 403) then
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
        txn:set_var("txn.latchkey", "allowed")
        return
    end
    local fields = { ["content-type"] = "application/problem+json", ["cache-control"] = "no-store" }
    local challenge = values(answer.headers["www-authenticate"])[1]
    if challenge ~= nil then
        fields["www-authenticate"] = challenge
    end
    refuse(txn, answer.status, fields, answer.body)
end, 1)
