using System.Collections.Concurrent;
using Lateen.Proxy.Stats;

namespace Lateen.Proxy.Tls;

/// <summary>Counters of a listener's or cluster's TLS (Envoy: <c>ssl.*</c>).</summary>
public sealed class TlsStats(StatsStore stats, string prefix)
{
    private readonly ConcurrentDictionary<string, Counter> _named = new();

    /// <summary>Handshakes completed.</summary>
    public Counter Handshake { get; } = stats.Counter(prefix + "ssl.handshake");

    /// <summary>Connections that failed other than by verification.</summary>
    public Counter ConnectionError { get; } = stats.Counter(prefix + "ssl.connection_error");

    /// <summary>Handshakes in which the peer showed no certificate.</summary>
    public Counter NoCertificate { get; } = stats.Counter(prefix + "ssl.no_certificate");

    /// <summary>Refused: a certificate was required and not shown.</summary>
    public Counter FailVerifyNoCert { get; } = stats.Counter(prefix + "ssl.fail_verify_no_cert");

    /// <summary>Refused: the chain does not verify.</summary>
    public Counter FailVerifyError { get; } = stats.Counter(prefix + "ssl.fail_verify_error");

    /// <summary>Refused: no subject alternative name matches.</summary>
    public Counter FailVerifySan { get; } = stats.Counter(prefix + "ssl.fail_verify_san");

    /// <summary>Refused: the certificate or its key is not a pinned one.</summary>
    public Counter FailVerifyCertHash { get; } = stats.Counter(prefix + "ssl.fail_verify_cert_hash");

    /// <summary>Counts a completed handshake.</summary>
    internal void OnHandshake(Loops.TlsInfo info)
    {
        Handshake.Increment();
        Named("ciphers", info.CipherSuite).Increment();
        Named("versions", info.Version).Increment();
        if (!info.PeerCertificatePresented)
        {
            NoCertificate.Increment();
        }
    }

    /// <summary>Counts a failed handshake.</summary>
    internal void OnFailure(VerifyFailure failure) => (failure switch
    {
        VerifyFailure.NoCertificate => FailVerifyNoCert,
        VerifyFailure.Chain => FailVerifyError,
        VerifyFailure.SubjectAltName => FailVerifySan,
        VerifyFailure.Hash => FailVerifyCertHash,
        _ => ConnectionError,
    }).Increment();

    private Counter Named(string group, string name) =>
        _named.GetOrAdd(name, static (n, arg) => arg.stats.Counter($"{arg.prefix}ssl.{arg.group}.{n}"), (stats, prefix, group));
}
