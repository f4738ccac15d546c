namespace Lateen.Validation.Grammar;

/// <summary>Hosts of Gateways and Sidecars, <c>namespace/host</c> (H-12, H-13).</summary>
internal static class NamespacedHost
{
    /// <summary>A Gateway's: the namespace may be left out, the host may be an address.</summary>
    public static string? GatewayProblem(string text, bool gatewayApi)
    {
        int slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0) return HostProblem(text, addressAllowed: true);
        (string ns, string host) = (text[..slash], text[(slash + 1)..]);
        if (ns.Length == 0 || host.Length == 0) return $"\"{text}\": namespace and host must not be empty";
        bool known = ns is "*" or "." || DnsLabel.IsValid(ns) || (gatewayApi && ns == "~");
        return known ? HostProblem(host, addressAllowed: true) : $"\"{ns}\" is no namespace: a name, \"*\" or \".\"";
    }

    /// <summary>A Sidecar's: the namespace is needed, a leading <c>~</c> excludes.</summary>
    public static string? SidecarProblem(string text)
    {
        int slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0) return $"\"{text}\" must be namespace/host";
        (string ns, string host) = (text[..slash], text[(slash + 1)..]);
        if (ns.Length == 0 || host.Length == 0) return $"\"{text}\": namespace and host must not be empty";
        string plain = ns.StartsWith('~') ? ns[1..] : ns;
        bool known = plain is "" or "*" or "." || DnsLabel.IsValid(plain);
        return known ? HostProblem(host, addressAllowed: false) : $"\"{ns}\" is no namespace: a name, \"*\", \".\" or \"~\"";
    }

    private static string? HostProblem(string host, bool addressAllowed)
    {
        if (host != "*" && !host.Contains('.', StringComparison.Ordinal))
            return $"\"{host}\" is a short name; a fully qualified name is needed";
        if (HostName.WildcardProblem(host) is { } problem && !(addressAllowed && IpAddress.IsValid(host))) return problem;
        return HostName.HasPartialWildcard(host) ? $"\"{host}\": a wildcard must be the whole first label" : null;
    }
}
