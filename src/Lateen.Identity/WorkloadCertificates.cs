using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using PublicKey = System.Security.Cryptography.X509Certificates.PublicKey;

namespace Lateen.Identity;

/// <summary>A key and the certificate for it.</summary>
/// <param name="Certificate">The certificate.</param>
/// <param name="PrivateKeyPem">Its private key, PKCS #8 in PEM.</param>
public sealed record KeyAndCertificate(IssuedCertificate Certificate, string PrivateKeyPem)
{
    /// <summary>Names the certificate; never shows the key.</summary>
    public override string ToString() => $"key and certificate of {Certificate.Identity} until {Certificate.NotAfter:u}";
}

/// <summary>How workload certificates are kept fresh.</summary>
public sealed record WorkloadCertificateOptions
{
    /// <summary>Lifetime of a certificate.</summary>
    public TimeSpan Lifetime { get; init; } = CertificateAuthority.DefaultLifetime;

    /// <summary>The part of the lifetime left when a certificate is renewed (istio-agent: SECRET_GRACE_PERIOD_RATIO).</summary>
    public double GracePeriodRatio { get; init; } = 0.5;

    /// <summary>How far that part varies either way, so that not all are renewed at once (SECRET_GRACE_PERIOD_RATIO_JITTER).</summary>
    public double GracePeriodRatioJitter { get; init; } = 0.01;
}

/// <summary>
/// Keeps a key and a certificate for every identity asked for, and renews both in time.
/// An identity nobody asked for since its last renewal is dropped instead.
/// </summary>
public sealed partial class WorkloadCertificates(
    CertificateAuthority authority, WorkloadCertificateOptions options, TimeProvider time, Random random, ILogger logger) : IDisposable
{
    // Also what keeps renewals apart when the root is about to expire, and every certificate with it.
    private static readonly TimeSpan ShortestDelay = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<WorkloadIdentity, Entry> _entries = new();
    private readonly Lock _gate = new();
    private bool _disposed;

    /// <summary>Raised when identities have a new key and certificate; on a thread of the pool.</summary>
    public event Action<IReadOnlyCollection<WorkloadIdentity>>? Renewed;

    /// <summary>The identities held.</summary>
    public IReadOnlyCollection<WorkloadIdentity> Identities => [.. _entries.Keys];

    /// <summary>The identity's key and certificate; made at the first call.</summary>
    public KeyAndCertificate Get(WorkloadIdentity identity)
    {
        if (_entries.TryGetValue(identity, out var entry))
        {
            entry.Asked = true;
            return entry.Current;
        }

        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _entries.TryGetValue(identity, out entry) ? entry.Current : Add(identity).Current;
        }
    }

    /// <summary>Renews every key and certificate held, now.</summary>
    public IReadOnlyCollection<WorkloadIdentity> RenewAll()
    {
        var identities = Identities;
        foreach (var identity in identities)
            Renew(identity);
        if (identities.Count > 0)
            Renewed?.Invoke(identities);
        return identities;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            foreach (var entry in _entries.Values)
                entry.Timer.Dispose();
            _entries.Clear();
        }
    }

    private Entry Add(WorkloadIdentity identity)
    {
        var current = Create(identity);
        var timer = time.CreateTimer(OnDue, identity, DelayOf(current), Timeout.InfiniteTimeSpan);
        return _entries[identity] = new(current, timer) { Asked = true };
    }

    private void OnDue(object? state)
    {
        var identity = (WorkloadIdentity)state!;
        try
        {
            if (Renew(identity, onlyIfAsked: true))
                Renewed?.Invoke([identity]);
        }
        catch (Exception e)
        {
            // The certificate in use stays until another try succeeds.
            LogRenewFailed(e, identity);
            if (_entries.TryGetValue(identity, out var entry))
                entry.Timer.Change(RetryDelay, Timeout.InfiniteTimeSpan);
        }
    }

    private bool Renew(WorkloadIdentity identity, bool onlyIfAsked = false)
    {
        lock (_gate)
        {
            if (_disposed || !_entries.TryGetValue(identity, out var entry))
                return false;
            if (onlyIfAsked && !entry.Asked)
            {
                _entries.TryRemove(identity, out _);
                entry.Timer.Dispose();
                LogDropped(identity);
                return false;
            }

            entry.Current = Create(identity);
            entry.Asked = false;
            entry.Timer.Change(DelayOf(entry.Current), Timeout.InfiniteTimeSpan);
            return true;
        }
    }

    private KeyAndCertificate Create(WorkloadIdentity identity)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var certificate = authority.Issue(new PublicKey(key), identity, options.Lifetime);
        LogIssued(identity, certificate.NotAfter);
        return new(certificate, key.ExportPkcs8PrivateKeyPem() + "\n");
    }

    private TimeSpan DelayOf(KeyAndCertificate current)
    {
        var now = time.GetUtcNow();
        var remaining = current.Certificate.NotAfter - now;
        var jitter = options.GracePeriodRatioJitter * ((2 * random.NextDouble()) - 1);
        var delay = remaining * (1 - Math.Clamp(options.GracePeriodRatio + jitter, 0, 1));
        return delay > ShortestDelay ? delay : ShortestDelay;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "certificate of {Identity} issued, valid until {NotAfter:u}")]
    private partial void LogIssued(WorkloadIdentity identity, DateTimeOffset notAfter);

    [LoggerMessage(Level = LogLevel.Error, Message = "certificate of {Identity} could not be renewed")]
    private partial void LogRenewFailed(Exception exception, WorkloadIdentity identity);

    [LoggerMessage(Level = LogLevel.Debug, Message = "certificate of {Identity} is not used any more")]
    private partial void LogDropped(WorkloadIdentity identity);

    private sealed class Entry(KeyAndCertificate current, ITimer timer)
    {
        public volatile bool Asked;

        private volatile KeyAndCertificate _current = current;

        public ITimer Timer => timer;

        public KeyAndCertificate Current
        {
            get => _current;
            set => _current = value;
        }
    }
}
