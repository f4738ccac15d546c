using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Envoy.Extensions.TransportSockets.Tls.V3;
using Google.Protobuf;
using Microsoft.Extensions.Logging;

namespace Lateen.Identity;

/// <summary>
/// The secrets that Istio's agent reads from files for a proxy: <c>file-root:PATH</c>, <c>file-root:system</c> (what the operating system trusts)
/// and <c>file-cert:CERTIFICATE~KEY</c>. A file is given out only if it holds what the name says, in PEM. Read anew for each request.
/// </summary>
public sealed partial class FileSecrets(ILogger<FileSecrets> logger)
{
    private const string RootScheme = "file-root:";
    private const string CertificateScheme = "file-cert:";
    private const string OperatingSystemRoots = "system";

    // Where Debian, Fedora, SUSE and Alpine keep it.
    private static readonly string[] SystemRoots =
    [
        "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem",
    ];

    /// <summary>The secret of a name; null when the name is of another form, or its files cannot be used, which is logged.</summary>
    public Secret? Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        try
        {
            if (name.StartsWith(RootScheme, StringComparison.Ordinal))
                return Roots(name, name[RootScheme.Length..]);
            return name.StartsWith(CertificateScheme, StringComparison.Ordinal)
                && name[CertificateScheme.Length..].Split('~') is [var certificate, var key]
                ? Certificate(name, certificate, key)
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            LogUnusable(name, e.Message);
            return null;
        }
    }

    private static Secret Roots(string name, string path)
    {
        var text = File.ReadAllText(path == OperatingSystemRoots ? SystemFile() : path);
        var certificates = new X509Certificate2Collection();
        certificates.ImportFromPem(text);
        if (certificates.Count == 0)
            throw new CryptographicException($"{path} holds no certificates in PEM");
        return new() { Name = name, ValidationContext = new() { TrustedCa = Inline(text) } };
    }

    private static Secret Certificate(string name, string certificatePath, string keyPath)
    {
        var (chain, key) = (File.ReadAllText(certificatePath), File.ReadAllText(keyPath));
        using var pair = X509Certificate2.CreateFromPem(chain, key);
        return new() { Name = name, TlsCertificate = new() { CertificateChain = Inline(chain), PrivateKey = Inline(key) } };
    }

    private static string SystemFile() =>
        Array.Find(SystemRoots, File.Exists) ?? throw new FileNotFoundException($"none of {string.Join(", ", SystemRoots)} exists");

    private static Envoy.Config.Core.V3.DataSource Inline(string text) => new() { InlineBytes = ByteString.CopyFromUtf8(text) };

    [LoggerMessage(Level = LogLevel.Warning, Message = "secret {Name} cannot be served: {Reason}")]
    private partial void LogUnusable(string name, string reason);
}
