using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Time.Testing;

namespace Lateen.Identity.Tests;

public sealed class CertificateAuthorityTests : IDisposable
{
    private static readonly WorkloadIdentity Reviews = new("cluster.local", "default", "bookinfo-reviews");

    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new(new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_root_is_an_authority_for_ten_years_in_private_files()
    {
        using var authority = Create();
        using var root = X509Certificate2.CreateFromPem(authority.RootPem);

        Assert.True(root.Extensions.OfType<X509BasicConstraintsExtension>().Single().CertificateAuthority);
        Assert.Equal(_time.GetUtcNow().AddDays(3650), authority.RootNotAfter);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(_folder["ca"]));
        foreach (var file in Directory.GetFiles(_folder["ca"]))
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        Assert.Equal([_folder["ca"]], Directory.GetFileSystemEntries(_folder.Root));
    }

    [Fact]
    public void A_restart_keeps_the_root()
    {
        using var first = Create();
        using var second = Create();
        Assert.Equal(first.RootPem, second.RootPem);
    }

    [Fact]
    public async Task Of_several_created_at_once_one_root_wins()
    {
        var authorities = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(Create)));
        Assert.Single(authorities.Select(a => a.RootPem).Distinct());
        Assert.Equal([_folder["ca"]], Directory.GetFileSystemEntries(_folder.Root));
        foreach (var authority in authorities)
            authority.Dispose();
    }

    [Theory]
    [InlineData("ca-key.pem", "nonsense")]
    [InlineData("ca-cert.pem", "")]
    public void A_broken_root_is_refused_by_name(string file, string content)
    {
        Create().Dispose();
        File.WriteAllText(Path.Combine(_folder["ca"], file), content);
        Assert.Contains(_folder["ca"], Assert.Throws<InvalidDataException>(Create).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_expired_root_is_refused()
    {
        Create().Dispose();
        _time.Advance(TimeSpan.FromDays(3651));
        Assert.Contains("expired", Assert.Throws<InvalidDataException>(Create).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_workload_certificate_is_what_Istio_issues()
    {
        using var authority = Create();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var issued = authority.Issue(new(key), Reviews, TimeSpan.FromHours(24));
        using var certificate = X509Certificate2.CreateFromPem(issued.Pem);

        var names = certificate.Extensions.Single(e => e.Oid!.Value == "2.5.29.17");
        Assert.True(names.Critical);
        Assert.Equal("spiffe://cluster.local/ns/default/sa/bookinfo-reviews", UriOf(names));
        Assert.Equal("", certificate.Subject);
        Assert.Equal(_time.GetUtcNow().AddMinutes(-2), certificate.NotBefore);
        Assert.Equal(_time.GetUtcNow().AddHours(24), certificate.NotAfter);
        Assert.Equal(
            X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyEncipherment, certificate.Extensions.OfType<X509KeyUsageExtension>().Single().KeyUsages);
        Assert.Equal(
            ["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"],
            certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>().Single().EnhancedKeyUsages.Cast<Oid>().Select(o => o.Value));
        Assert.Equal("1.2.840.10045.3.1.7", certificate.GetECDsaPublicKey()!.ExportParameters(false).Curve.Oid.Value);
    }

    [Fact]
    public void It_verifies_against_its_root_and_no_other()
    {
        using var authority = Create();
        using var other = CertificateAuthority.LoadOrCreate(_folder["other"], "cluster.local", _time);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = X509Certificate2.CreateFromPem(authority.Issue(new(key), Reviews, TimeSpan.FromHours(24)).Pem);

        Assert.True(Verifies(certificate, authority));
        Assert.False(Verifies(certificate, other));
    }

    [Fact]
    public void No_certificate_outlives_the_root()
    {
        using var authority = Create();
        _time.Advance(TimeSpan.FromDays(3650) - TimeSpan.FromHours(1));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        Assert.Equal(authority.RootNotAfter, authority.Issue(new(key), Reviews, TimeSpan.FromHours(24)).NotAfter);
    }

    [Fact]
    public void Of_a_signing_request_only_the_key_counts()
    {
        using var authority = Create();
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=admin", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddUri(new("spiffe://cluster.local/ns/istio-system/sa/admin"));
        request.CertificateExtensions.Add(names.Build());
        using var certificate = X509Certificate2.CreateFromPem(authority.Sign(request.CreateSigningRequestPem(), Reviews, TimeSpan.Zero).Pem);

        Assert.Equal(Reviews.ToString(), UriOf(certificate.Extensions.Single(e => e.Oid!.Value == "2.5.29.17")));
        Assert.Equal($"CN={Reviews}", certificate.Subject);
        Assert.Equal(key.ExportRSAPublicKey(), certificate.GetRSAPublicKey()!.ExportRSAPublicKey());
        Assert.Equal(_time.GetUtcNow().AddHours(24), certificate.NotAfter);
        Assert.True(Verifies(certificate, authority));
    }

    [Fact]
    public void A_request_not_signed_by_its_own_key_or_for_too_long_is_refused()
    {
        using var authority = Create();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("", key, HashAlgorithmName.SHA256);
        var der = request.CreateSigningRequest();
        der[^1] ^= 1;

        Assert.Throws<CertificateRequestException>(() => authority.Sign(PemEncoding.WriteString("CERTIFICATE REQUEST", der), Reviews, TimeSpan.Zero));
        Assert.Throws<CertificateRequestException>(() => authority.Sign("nonsense", Reviews, TimeSpan.Zero));
        Assert.Throws<CertificateRequestException>(() => authority.Sign(request.CreateSigningRequestPem(), Reviews, TimeSpan.FromDays(91)));
    }

    [Theory]
    [InlineData("spiffe://td/ns/a/sa/b", true)]
    [InlineData("spiffe://td/ns/a/sa/b/c", false)]
    [InlineData("spiffe://td/ns//sa/b", false)]
    [InlineData("spiffe://td/a/b", false)]
    [InlineData("https://td/ns/a/sa/b", false)]
    [InlineData(null, false)]
    public void An_identity_is_read_from_its_uri(string? uri, bool valid)
    {
        Assert.Equal(valid, WorkloadIdentity.TryParse(uri, out var identity));
        Assert.Equal(valid ? uri : null, identity?.ToString());
    }

    private CertificateAuthority Create() => CertificateAuthority.LoadOrCreate(_folder["ca"], "cluster.local", _time);

    private bool Verifies(X509Certificate2 certificate, CertificateAuthority authority)
    {
        using var root = X509Certificate2.CreateFromPem(authority.RootPem);
        using var chain = new X509Chain
        {
            ChainPolicy =
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                CustomTrustStore = { root },
                RevocationMode = X509RevocationMode.NoCheck,
                VerificationTime = _time.GetUtcNow().UtcDateTime,
                VerificationTimeIgnored = false,
            },
        };
        return chain.Build(certificate);
    }

    private static string UriOf(X509Extension names)
    {
        var reader = new System.Formats.Asn1.AsnReader(names.RawData, System.Formats.Asn1.AsnEncodingRules.DER).ReadSequence();
        return reader.ReadCharacterString(
            System.Formats.Asn1.UniversalTagNumber.IA5String, new System.Formats.Asn1.Asn1Tag(System.Formats.Asn1.TagClass.ContextSpecific, 6));
    }
}
