using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Lateen.Identity.Tests;

public sealed class WorkloadCertificatesTests : IDisposable
{
    private static readonly WorkloadIdentity Reviews = new("cluster.local", "default", "reviews");
    private static readonly WorkloadIdentity Ratings = new("cluster.local", "default", "ratings");

    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new(new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly CertificateAuthority _authority;
    private readonly WorkloadCertificates _certificates;
    private readonly List<WorkloadIdentity> _renewed = [];

    public WorkloadCertificatesTests()
    {
        _authority = CertificateAuthority.LoadOrCreate(_folder["ca"], "cluster.local", _time);
        _certificates = new(_authority, new() { Lifetime = TimeSpan.FromHours(1) }, _time, new Random(1), NullLogger.Instance);
        _certificates.Renewed += _renewed.AddRange;
    }

    public void Dispose()
    {
        _certificates.Dispose();
        _authority.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_certificate_stays_until_half_its_life_is_over_and_is_renewed_then()
    {
        var first = _certificates.Get(Reviews);
        _time.Advance(TimeSpan.FromMinutes(29));
        Assert.Same(first, _certificates.Get(Reviews));
        Assert.Empty(_renewed);

        _time.Advance(TimeSpan.FromMinutes(2));
        var second = _certificates.Get(Reviews);
        Assert.Equal([Reviews], _renewed);
        Assert.NotEqual(first.PrivateKeyPem, second.PrivateKeyPem);
        Assert.InRange(second.Certificate.NotAfter, _time.GetUtcNow().AddMinutes(58), _time.GetUtcNow().AddHours(1));
    }

    [Fact]
    public void Whoever_keeps_asking_never_gets_an_expired_certificate()
    {
        for (var minute = 0; minute < 600; minute++)
        {
            Assert.True(_certificates.Get(Reviews).Certificate.NotAfter > _time.GetUtcNow().AddMinutes(28));
            _time.Advance(TimeSpan.FromMinutes(1));
        }
    }

    [Fact]
    public void An_identity_nobody_asks_for_any_more_is_dropped()
    {
        _certificates.Get(Reviews);
        _time.Advance(TimeSpan.FromMinutes(31));
        Assert.Equal([Reviews], _certificates.Identities);
        _time.Advance(TimeSpan.FromMinutes(31));
        Assert.Empty(_certificates.Identities);
        Assert.Equal([Reviews], _renewed);
    }

    [Fact]
    public void When_the_root_expires_the_last_certificate_stays_and_nothing_breaks()
    {
        _time.Advance(TimeSpan.FromDays(3650) - TimeSpan.FromMinutes(10));
        for (var minute = 0; minute < 60; minute++)
        {
            Assert.True(_certificates.Get(Reviews).Certificate.NotAfter <= _authority.RootNotAfter);
            _time.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.InRange(_renewed.Count, 1, 60);
    }

    [Fact]
    public void All_can_be_renewed_at_once()
    {
        var before = new[] { _certificates.Get(Reviews), _certificates.Get(Ratings) };
        _certificates.RenewAll();

        Assert.Equal(new HashSet<WorkloadIdentity> { Reviews, Ratings }, [.. _renewed]);
        Assert.DoesNotContain(_certificates.Get(Reviews), before);
        Assert.DoesNotContain(_certificates.Get(Ratings), before);
    }

    [Fact]
    public void A_caller_gets_its_own_certificate_and_the_trust_bundle_and_nobody_gets_nothing()
    {
        var secrets = new WorkloadSecrets(_authority, _certificates);
        var own = secrets.Find("default", Reviews)!;

        Assert.Equal("default", own.Name);
        Assert.Equal(_certificates.Get(Reviews).PrivateKeyPem, own.TlsCertificate.PrivateKey.InlineBytes.ToStringUtf8());
        Assert.Equal(_certificates.Get(Reviews).Certificate.Pem, own.TlsCertificate.CertificateChain.InlineBytes.ToStringUtf8());
        Assert.Equal(_authority.RootPem, secrets.Find("ROOTCA", Reviews)!.ValidationContext.TrustedCa.InlineBytes.ToStringUtf8());
        Assert.Null(secrets.Find("default", null));
        Assert.Null(secrets.Find("other", Reviews));
    }
}
