using System.Collections.Frozen;

namespace Lateen.Validation.Grammar;

/// <summary>Names of TLS cipher suites and curves (H-52, H-53).</summary>
internal static class CipherSuites
{
    private static readonly FrozenSet<string> Known = FrozenSet.Create(StringComparer.Ordinal,
        "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-RSA-AES256-GCM-SHA384",
        "ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-RSA-CHACHA20-POLY1305", "ECDHE-ECDSA-AES128-SHA", "ECDHE-RSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA",
        "ECDHE-RSA-AES256-SHA", "AES128-GCM-SHA256", "AES256-GCM-SHA384", "AES128-SHA", "AES256-SHA", "DES-CBC3-SHA");

    private static readonly FrozenSet<string> Curves =
        FrozenSet.Create(StringComparer.Ordinal, "P-224", "P-256", "P-384", "P-521", "X25519", "X25519Kyber768Draft00", "X25519MLKEM768");

    /// <summary>H-52: a suite, <c>ALL</c>, or an operator such as <c>-RC4</c>.</summary>
    public static bool IsValid(string name) => name is "" or "ALL" || !char.IsLetterOrDigit(name[0]) || Known.Contains(name);

    /// <summary>H-53.</summary>
    public static bool IsCurve(string name) => name.Length == 0 || Curves.Contains(name);
}
