using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Lateen.Identity;

/// <summary>A certificate authority's refusal to sign.</summary>
public sealed class CertificateRequestException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>A workload's certificate as the authority signed it.</summary>
/// <param name="Identity">Whom it is for.</param>
/// <param name="Pem">The certificate in PEM, alone.</param>
/// <param name="NotBefore">Start of its validity.</param>
/// <param name="NotAfter">End of its validity.</param>
public sealed record IssuedCertificate(WorkloadIdentity Identity, string Pem, DateTimeOffset NotBefore, DateTimeOffset NotAfter);

/// <summary>
/// The mesh's certificate authority: a self-signed root (ECDSA P-256, 10 years) in <c>ca-cert.pem</c> and <c>ca-key.pem</c> of a private folder.
/// Who a certificate is for is always said by the caller, never by a signing request.
/// </summary>
public sealed class CertificateAuthority : IDisposable
{
    /// <summary>Name of the root's folder in a state folder.</summary>
    public const string FolderName = "ca";

    /// <summary>Lifetime of workload certificates that ask for none (istiod: DEFAULT_WORKLOAD_CERT_TTL).</summary>
    public static readonly TimeSpan DefaultLifetime = TimeSpan.FromHours(24);

    /// <summary>The longest lifetime signed (istiod: MAX_WORKLOAD_CERT_TTL).</summary>
    public static readonly TimeSpan MaxLifetime = TimeSpan.FromDays(90);

    private const string CertificateFile = "ca-cert.pem";
    private const string KeyFile = "ca-key.pem";
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";
    private const string CommonNameType = "2.5.4.3";
    private const int MaxCommonNameLength = 64;

    private static readonly TimeSpan RootLifetime = TimeSpan.FromDays(3650);
    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(2);

    private readonly X509Certificate2 _root;
    private readonly TimeProvider _time;

    private CertificateAuthority(X509Certificate2 root, TimeProvider time)
    {
        _root = root;
        _time = time;
        RootPem = root.ExportCertificatePem() + "\n";
    }

    /// <summary>The root certificate in PEM: what every workload trusts.</summary>
    public string RootPem { get; }

    /// <summary>When the root expires.</summary>
    public DateTimeOffset RootNotAfter => _root.NotAfter;

    /// <summary>Loads the root from a folder, which is created with a new root when it does not exist.</summary>
    /// <param name="folder">Created with mode 0700, its files with 0600.</param>
    /// <param name="trustDomain">Organization of a new root.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="InvalidDataException">
    /// The folder's files are missing, broken, of no authority, or expired; the message says which.
    /// </exception>
    public static CertificateAuthority LoadOrCreate(string folder, string trustDomain, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        PrivateFolder.Ensure(folder, () => CreateRoot(trustDomain, time.GetUtcNow()));
        return new(Load(folder, time.GetUtcNow()), time);
    }

    /// <summary>Signs a public key for an identity.</summary>
    /// <param name="key">The workload's public key.</param>
    /// <param name="identity">Becomes the critical URI subject alternative name.</param>
    /// <param name="lifetime">From now on; cut where the root expires.</param>
    /// <exception cref="CertificateRequestException">The root expired.</exception>
    public IssuedCertificate Issue(PublicKey key, WorkloadIdentity identity, TimeSpan lifetime) =>
        Issue(key, identity, lifetime, withCommonName: false);

    /// <summary>Signs the public key of a signing request in PEM; nothing else of the request is used.</summary>
    /// <param name="pem">PKCS #10 in PEM.</param>
    /// <param name="identity">The authenticated caller.</param>
    /// <param name="lifetime">What the caller asks for; zero or less means <see cref="DefaultLifetime"/>.</param>
    /// <exception cref="CertificateRequestException">
    /// The request is malformed or not signed by its own key, or the lifetime exceeds <see cref="MaxLifetime"/>.
    /// </exception>
    public IssuedCertificate Sign(string pem, WorkloadIdentity identity, TimeSpan lifetime)
    {
        if (lifetime > MaxLifetime)
            throw new CertificateRequestException($"requested TTL {lifetime} is greater than the max allowed TTL {MaxLifetime}");
        try
        {
            var request = CertificateRequest.LoadSigningRequestPem(pem, HashAlgorithmName.SHA256);
            var named = request.SubjectName.EnumerateRelativeDistinguishedNames().Any(name => name.GetSingleElementType().Value == CommonNameType);
            return Issue(request.PublicKey, identity, lifetime <= TimeSpan.Zero ? DefaultLifetime : lifetime, named);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException or InvalidOperationException)
        {
            throw new CertificateRequestException($"certificate signing request is invalid: {e.Message}", e);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _root.Dispose();

    private IssuedCertificate Issue(PublicKey key, WorkloadIdentity identity, TimeSpan lifetime, bool withCommonName)
    {
        ArgumentNullException.ThrowIfNull(identity);
        var uri = identity.ToString();
        // Istio: the first subject alternative name when the request had a common name and it fits.
        var subject = withCommonName && uri.Length <= MaxCommonNameLength ? CommonName(uri) : new X500DistinguishedName("");
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddUri(new Uri(uri));
        var extensions = request.CertificateExtensions;
        extensions.Add(names.Build(critical: true));
        extensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyEncipherment, critical: true));
        extensions.Add(new X509EnhancedKeyUsageExtension([new(ServerAuthentication), new(ClientAuthentication)], critical: false));
        extensions.Add(X509BasicConstraintsExtension.CreateForEndEntity(critical: true));
        extensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(_root, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        var now = _time.GetUtcNow();
        if (now >= _root.NotAfter)
            throw new CertificateRequestException($"the root certificate expired at {_root.NotAfter:u}");
        var notBefore = Max(now - ClockSkew, _root.NotBefore);
        var notAfter = Min(now + lifetime, _root.NotAfter);
        using var rootKey = _root.GetECDsaPrivateKey()!;
        var signer = X509SignatureGenerator.CreateForECDsa(rootKey);
        using var certificate = request.Create(_root.SubjectName, signer, notBefore, notAfter, SerialNumber());
        return new(identity, certificate.ExportCertificatePem() + "\n", certificate.NotBefore, certificate.NotAfter);
    }

    private static IEnumerable<(string Name, string Text)> CreateRoot(string trustDomain, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var subject = new X500DistinguishedNameBuilder();
        subject.AddOrganizationName(trustDomain);
        var request = new CertificateRequest(subject.Build(), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(X509BasicConstraintsExtension.CreateForCertificateAuthority());
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        using var root = request.CreateSelfSigned(now - ClockSkew, now + RootLifetime);
        return [(CertificateFile, root.ExportCertificatePem() + "\n"), (KeyFile, key.ExportPkcs8PrivateKeyPem() + "\n")];
    }

    private static X509Certificate2 Load(string folder, DateTimeOffset now)
    {
        X509Certificate2 root;
        try
        {
            root = X509Certificate2.CreateFromPemFile(Path.Combine(folder, CertificateFile), Path.Combine(folder, KeyFile));
        }
        catch (Exception e) when (e is CryptographicException or IOException or ArgumentException)
        {
            throw new InvalidDataException($"{folder}: {CertificateFile} and {KeyFile} cannot be used as certificate authority: {e.Message}", e);
        }

        var problem =
            root.GetECDsaPrivateKey() is null ? "the key is not an ECDSA key"
            : !IsAuthority(root) ? "the certificate is not an authority's"
            : root.NotAfter <= now ? $"the certificate expired at {root.NotAfter:u}"
            : null;
        if (problem is null)
            return root;
        root.Dispose();
        throw new InvalidDataException($"{Path.Combine(folder, CertificateFile)}: {problem}");
    }

    private static bool IsAuthority(X509Certificate2 certificate) =>
        certificate.Extensions.OfType<X509BasicConstraintsExtension>().FirstOrDefault() is { CertificateAuthority: true };

    private static X500DistinguishedName CommonName(string name)
    {
        var subject = new X500DistinguishedNameBuilder();
        subject.AddCommonName(name);
        return subject.Build();
    }

    private static byte[] SerialNumber()
    {
        var serial = RandomNumberGenerator.GetBytes(16);
        serial[0] &= 0x7f;
        return serial;
    }

    private static DateTimeOffset Max(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;

    private static DateTimeOffset Min(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;
}
