using System.Globalization;
using System.Text;

namespace Lateen.Validation.Grammar;

/// <summary>Host names: fully qualified, with a leading wildcard, as server names; and which hosts cover which (H-3 to H-9).</summary>
internal static class HostName
{
    private const int MaxLength = 255;

    /// <summary>H-3: labels; the last may be empty (trailing dot) and must be no number.</summary>
    public static string? FqdnProblem(string host) => LengthProblem(host) ?? LabelsProblem(host, host);

    /// <summary>H-4: as H-3 with a wildcard in the first label.</summary>
    public static string? WildcardProblem(string host)
    {
        if (LengthProblem(host) is { } length) return length;
        int dot = host.IndexOf('.', StringComparison.Ordinal);
        string first = dot < 0 ? host : host[..dot];
        if (!DnsLabel.IsWildcard(first)) return $"\"{host}\" is no host name: \"{first}\" is neither a DNS label nor a leading wildcard";
        return dot < 0 ? null : LabelsProblem(host[(dot + 1)..], host);
    }

    /// <summary>H-5: a wildcard that is neither the whole name nor its first label.</summary>
    public static bool HasPartialWildcard(string host) =>
        host.Contains('*', StringComparison.Ordinal) && host != "*" && !host.StartsWith("*.", StringComparison.Ordinal);

    /// <summary>H-6: <c>outbound_.PORT_._.HOST</c>, the server name that multicluster gateways are asked for.</summary>
    public static bool IsAutoSni(string host)
    {
        if (!host.StartsWith("outbound_", StringComparison.Ordinal) || LengthProblem(host) is not null) return false;
        string[] parts = host.Split('_');
        return parts.Length >= 4 && parts[1].Any(char.IsAsciiDigit) && parts[3].Any(char.IsAsciiLetter);
    }

    /// <summary>H-7: whether two hosts have names in common.</summary>
    public static bool Overlap(string one, string other) => (IsWildcard(one), IsWildcard(other)) switch
    {
        (true, true) => one.Length < other.Length ? EndsWith(other[1..], one[1..]) : EndsWith(one[1..], other[1..]),
        (true, false) => EndsWith(other, one[1..]),
        (false, true) => EndsWith(one, other[1..]),
        _ => one == other,
    };

    /// <summary>H-8: whether every name of a host is one of another's.</summary>
    public static bool IsSubset(string part, string whole) => (IsWildcard(part), IsWildcard(whole)) switch
    {
        (true, true) => part.Length >= whole.Length && EndsWith(part[1..], whole[1..]),
        (true, false) => false,
        (false, true) => EndsWith(part, whole[1..]),
        _ => part == whole,
    };

    /// <summary>H-9: a trust domain.</summary>
    public static string? TrustDomainProblem(string text)
    {
        if (text.Length == 0) return "must not be empty";
        string[] labels = text.Split('.');
        bool good = labels.Index().All(label => DnsLabel.IsValid(label.Item) || (label.Item.Length == 0 && label.Index > 0 && label.Index == labels.Length - 1));
        return good ? null : $"\"{text}\" is no trust domain: DNS labels joined by dots";
    }

    private static bool IsWildcard(string host) => host.StartsWith('*');

    private static bool EndsWith(string text, string end) => text.EndsWith(end, StringComparison.Ordinal);

    private static string? LengthProblem(string host)
    {
        if (host.Length == 0) return "a host name must not be empty";
        return Encoding.UTF8.GetByteCount(host) > MaxLength ? $"a host name must not be longer than {MaxLength}" : null;
    }

    private static string? LabelsProblem(string rest, string host)
    {
        string[] labels = rest.Split('.');
        if (long.TryParse(labels[^1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _))
            return $"\"{host}\" is no host name: the last label must not be a number";
        for (int i = 0; i < labels.Length; i++)
        {
            if (labels[i].Length == 0 && i == labels.Length - 1) break;
            if (!DnsLabel.IsValid(labels[i])) return $"\"{host}\" is no host name: \"{labels[i]}\" is no DNS label";
        }
        return null;
    }
}
