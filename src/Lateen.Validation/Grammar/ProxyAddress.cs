namespace Lateen.Validation.Grammar;

/// <summary>Addresses <c>host:port</c> (H-23); IPv6 in brackets.</summary>
internal static class ProxyAddress
{
    public static string? Problem(string text)
    {
        int colon = text.LastIndexOf(':');
        string host = colon < 0 ? "" : text[..colon];
        bool bracketed = host.StartsWith('[') && host.EndsWith(']');
        string bare = bracketed ? host[1..^1] : host;
        bool port = colon >= 0 && Numbers.TryInteger(text[(colon + 1)..], out long number) && Numbers.IsPort(number);
        bool known = bracketed ? IpAddress.IsValid(bare) : !host.Contains(':', StringComparison.Ordinal) && (IpAddress.IsValid(bare) || HostName.FqdnProblem(bare) is null);
        return port && known ? null : $"\"{text}\" must be host:port";
    }

    /// <summary>The text with an address in place of the variable for the node's.</summary>
    public static string WithHostIp(string text)
    {
        const string Variable = "$(HOST_IP)";
        int at = text.IndexOf(Variable, StringComparison.Ordinal);
        return at < 0 ? text : string.Concat(text.AsSpan(0, at), "127.0.0.1", text.AsSpan(at + Variable.Length));
    }
}
