using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;

namespace Lateen.Identity.Tests;

public sealed class FileSecretsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FileSecrets _secrets = new(NullLogger<FileSecrets>.Instance);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Certificates_and_keys_are_read_from_the_files_the_name_gives()
    {
        using var authority = CertificateAuthority.LoadOrCreate(_folder["ca"], "cluster.local", TimeProvider.System);
        var (certificate, key) = (_folder["ca/ca-cert.pem"], _folder["ca/ca-key.pem"]);
        var pair = _secrets.Find($"file-cert:{certificate}~{key}")!;
        var roots = _secrets.Find($"file-root:{certificate}")!;

        Assert.Equal(($"file-cert:{certificate}~{key}", $"file-root:{certificate}"), (pair.Name, roots.Name));
        Assert.Equal(File.ReadAllText(key), pair.TlsCertificate.PrivateKey.InlineBytes.ToStringUtf8());
        Assert.Equal(authority.RootPem, roots.ValidationContext.TrustedCa.InlineBytes.ToStringUtf8());
        Assert.Contains("BEGIN CERTIFICATE", _secrets.Find("file-root:system")!.ValidationContext.TrustedCa.InlineBytes.ToStringUtf8(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_does_not_hold_what_the_name_says_is_not_given_out()
    {
        using var authority = CertificateAuthority.LoadOrCreate(_folder["ca"], "cluster.local", TimeProvider.System);
        using var otherKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        File.WriteAllText(_folder["other.pem"], otherKey.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(_folder["passwords"], "root:x");
        string[] names =
        [
            $"file-root:{_folder["passwords"]}", $"file-root:{_folder["ca/ca-key.pem"]}", $"file-root:{_folder["none"]}", "file-root:",
            $"file-cert:{_folder["ca/ca-cert.pem"]}~{_folder["other.pem"]}", "file-cert:x", "other",
        ];
        Assert.All(names, name => Assert.Null(_secrets.Find(name)));
    }
}
