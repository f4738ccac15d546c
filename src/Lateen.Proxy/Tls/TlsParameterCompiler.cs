using System.Net.Security;
using System.Security.Authentication;
using Envoy.Extensions.TransportSockets.Tls.V3;
using Lateen.Proxy.Configuration;
using Protocol = Envoy.Extensions.TransportSockets.Tls.V3.TlsParameters.Types.TlsProtocol;

namespace Lateen.Proxy.Tls;

/// <summary>Protocol versions, cipher suites and application protocols of a TLS context.</summary>
internal static class TlsParameterCompiler
{
    // Protocols that this proxy does not speak are not offered, whatever the list says.
    private static readonly HashSet<string> NotSpoken = ["h2", "istio-h2", "h3", "istio-peer-exchange"];

    private static readonly TlsCipherSuite[] Tls13Suites =
        [TlsCipherSuite.TLS_AES_128_GCM_SHA256, TlsCipherSuite.TLS_AES_256_GCM_SHA384, TlsCipherSuite.TLS_CHACHA20_POLY1305_SHA256];

    private static readonly Dictionary<string, TlsCipherSuite> Suites = new()
    {
        ["ECDHE-ECDSA-AES128-GCM-SHA256"] = TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
        ["ECDHE-ECDSA-AES256-GCM-SHA384"] = TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
        ["ECDHE-ECDSA-CHACHA20-POLY1305"] = TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
        ["ECDHE-RSA-AES128-GCM-SHA256"] = TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
        ["ECDHE-RSA-AES256-GCM-SHA384"] = TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
        ["ECDHE-RSA-CHACHA20-POLY1305"] = TlsCipherSuite.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
        ["ECDHE-ECDSA-AES128-SHA"] = TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA,
        ["ECDHE-ECDSA-AES256-SHA"] = TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA,
        ["ECDHE-RSA-AES128-SHA"] = TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA,
        ["ECDHE-RSA-AES256-SHA"] = TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA,
        ["AES128-GCM-SHA256"] = TlsCipherSuite.TLS_RSA_WITH_AES_128_GCM_SHA256,
        ["AES256-GCM-SHA384"] = TlsCipherSuite.TLS_RSA_WITH_AES_256_GCM_SHA384,
        ["AES128-SHA"] = TlsCipherSuite.TLS_RSA_WITH_AES_128_CBC_SHA,
        ["AES256-SHA"] = TlsCipherSuite.TLS_RSA_WITH_AES_256_CBC_SHA,
    };

    private static readonly Dictionary<TlsCipherSuite, string> SuiteNames = MakeSuiteNames();

    /// <summary>The versions between minimum and maximum; where a bound is not set, Envoy's (1.2 to 1.3, clients to 1.2).</summary>
    public static SslProtocols Versions(TlsParameters? parameters, bool server)
    {
        var lowest = Or(parameters?.TlsMinimumProtocolVersion, Protocol.Tlsv12);
        var highest = Or(parameters?.TlsMaximumProtocolVersion, server ? Protocol.Tlsv13 : Protocol.Tlsv12);
        if (lowest > highest)
        {
            throw new ConfigurationException("tls_params", "tls_minimum_protocol_version is above tls_maximum_protocol_version");
        }

        var versions = SslProtocols.None;
        foreach (var (version, flag) in new[] { (Protocol.Tlsv12, SslProtocols.Tls12), (Protocol.Tlsv13, SslProtocols.Tls13) })
        {
            versions |= version >= lowest && version <= highest ? flag : SslProtocols.None;
        }

        return versions != SslProtocols.None ? versions : throw new ConfigurationException("tls_params", "TLS before 1.2 is not supported");
    }

    /// <summary>The suites allowed; null for the library's. Names that are not known are left out, as long as one remains.</summary>
    public static CipherSuitesPolicy? Ciphers(TlsParameters? parameters)
    {
        if (parameters is null || parameters.CipherSuites.Count == 0 || !(OperatingSystem.IsLinux() || OperatingSystem.IsMacOS()))
        {
            return null;
        }

        // Envoy groups equal preferences as [A|B]; order is the same without.
        var names = parameters.CipherSuites.SelectMany(s => s.Trim('[', ']').Split('|'));
        var suites = names.Where(Suites.ContainsKey).Select(n => Suites[n]).ToList();
        return suites.Count > 0
            ? new CipherSuitesPolicy([.. Tls13Suites, .. suites])
            : throw new ConfigurationException(
                "tls_params.cipher_suites", $"Failed to initialize cipher suites {string.Join(':', parameters.CipherSuites)}: none is supported");
    }

    /// <summary>The application protocols to offer or accept, in order; null for none.</summary>
    public static List<SslApplicationProtocol>? ApplicationProtocols(IEnumerable<string> names)
    {
        var spoken = names.Where(n => !NotSpoken.Contains(n)).Select(n => new SslApplicationProtocol(n)).ToList();
        return spoken.Count > 0 ? spoken : null;
    }

    /// <summary>OpenSSL's name of a suite.</summary>
    public static string NameOf(TlsCipherSuite suite) => SuiteNames.GetValueOrDefault(suite) ?? $"0x{(ushort)suite:X4}";

    /// <summary>The version's name in logs and metrics.</summary>
    public static string NameOf(SslProtocols version) => version switch
    {
        SslProtocols.Tls13 => "TLSv1.3",
        SslProtocols.Tls12 => "TLSv1.2",
        _ => "TLSv1",
    };

    private static Protocol Or(Protocol? version, Protocol unset) => version is null or Protocol.TlsAuto ? unset : version.Value;

    private static Dictionary<TlsCipherSuite, string> MakeSuiteNames()
    {
        var names = Suites.ToDictionary(e => e.Value, e => e.Key);
        names[TlsCipherSuite.TLS_AES_128_GCM_SHA256] = "TLS_AES_128_GCM_SHA256";
        names[TlsCipherSuite.TLS_AES_256_GCM_SHA384] = "TLS_AES_256_GCM_SHA384";
        names[TlsCipherSuite.TLS_CHACHA20_POLY1305_SHA256] = "TLS_CHACHA20_POLY1305_SHA256";
        return names;
    }
}
