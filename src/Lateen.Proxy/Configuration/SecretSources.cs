using Envoy.Config.Core.V3;
using Envoy.Extensions.TransportSockets.Tls.V3;
using Google.Protobuf;
using Lateen.Proxy.Extensions;

namespace Lateen.Proxy.Configuration;

/// <summary>A secret that never changes.</summary>
internal sealed class FixedSecret(Secret secret) : ISecretSource
{
    public string Name => secret.Name;

    public Secret? Current => secret;

    public Task Ready => Task.CompletedTask;

    public event Action? Changed
    {
        add { }
        remove { }
    }
}

/// <summary>A secret that arrives, and is rotated, by SDS.</summary>
internal sealed class SdsSecret(string name, FetchTimeout firstFetch) : ISecretSource
{
    private Secret? _current;

    public string Name => name;

    public FetchTimeout FirstFetch => firstFetch;

    public Secret? Current => Volatile.Read(ref _current);

    public Task Ready => firstFetch.Done;

    public event Action? Changed;

    /// <summary>Puts a secret in force; false when it is the same as before.</summary>
    public bool Set(Secret secret)
    {
        if (Current?.Equals(secret) == true)
            return false;
        Volatile.Write(ref _current, secret);
        Changed?.Invoke();
        return true;
    }
}

/// <summary>A secret whose parts are files; their content is read in and read again when it changes.</summary>
internal sealed class FileSecret : ISecretSource
{
    private readonly Secret _configured;
    private readonly IReadOnlyList<string> _files;
    private Secret _current;
    private string _stamp;

    /// <summary>Reads the files.</summary>
    /// <exception cref="ConfigurationException">A file cannot be read.</exception>
    public FileSecret(Secret configured, IReadOnlyList<string> files)
    {
        _configured = configured;
        _files = files;
        _stamp = Stamp();
        _current = SecretFiles.ReadIn(configured);
        SecretFiles.Check(_current);
    }

    public string Name => _configured.Name;

    public Secret? Current => Volatile.Read(ref _current);

    public Task Ready => Task.CompletedTask;

    public event Action? Changed;

    /// <summary>Reads the files again if they changed; the reason when they cannot be read now.</summary>
    public string? Refresh()
    {
        var stamp = Stamp();
        if (stamp == _stamp)
            return null;
        try
        {
            var read = SecretFiles.ReadIn(_configured);
            SecretFiles.Check(read);
            // Files are replaced one after the other: what changed while it was read is read again with the next look.
            if (Stamp() != stamp)
                return null;
            _stamp = stamp;
            Volatile.Write(ref _current, read);
        }
        catch (ConfigurationException e)
        {
            return e.Message;
        }

        Changed?.Invoke();
        return null;
    }

    private string Stamp() => string.Join('|', _files.Select(f =>
        File.Exists(f) ? $"{File.GetLastWriteTimeUtc(f).Ticks}:{File.ResolveLinkTarget(f, returnFinalTarget: true)?.FullName}" : "none"));
}

/// <summary>The files that a secret names.</summary>
internal static class SecretFiles
{
    public static IReadOnlyList<string> Of(Secret secret) =>
        [.. Sources(secret).Where(s => s.SpecifierCase == DataSource.SpecifierOneofCase.Filename).Select(s => s.Filename)];

    /// <summary>The same secret with the files' content in place of their names.</summary>
    public static Secret ReadIn(Secret secret)
    {
        var read = secret.Clone();
        foreach (var source in Sources(read).Where(s => s.SpecifierCase == DataSource.SpecifierOneofCase.Filename))
            source.InlineBytes = ByteString.CopyFrom(DataSourceReader.ReadBytes(source));
        return read;
    }

    /// <summary>Checks that there is what the kind of secret needs.</summary>
    /// <exception cref="ConfigurationException">A part is missing or is not PEM.</exception>
    public static void Check(Secret secret)
    {
        if (secret.TlsCertificate is { } certificate)
        {
            if (certificate.PrivateKeyProvider is not null || certificate.Pkcs12 is not null)
                throw new ConfigurationException("tls_certificate", "only certificate_chain and private_key in PEM are supported");
            NeedsPem(certificate.CertificateChain, "tls_certificate.certificate_chain", "-----BEGIN CERTIFICATE-----");
            NeedsPem(certificate.PrivateKey, "tls_certificate.private_key", "PRIVATE KEY-----");
        }
        else if (secret.ValidationContext?.TrustedCa is { } trusted)
        {
            NeedsPem(trusted, "validation_context.trusted_ca", "-----BEGIN CERTIFICATE-----");
        }
    }

    private static void NeedsPem(DataSource? source, string path, string marker)
    {
        if (source is null || !DataSourceReader.ReadText(source).Contains(marker, StringComparison.Ordinal))
            throw new ConfigurationException(path, "no PEM data");
    }

    private static IEnumerable<DataSource> Sources(Secret secret) => ((DataSource?[])
    [
        secret.TlsCertificate?.CertificateChain,
        secret.TlsCertificate?.PrivateKey,
        secret.TlsCertificate?.Password,
        secret.ValidationContext?.TrustedCa,
        secret.ValidationContext?.Crl,
    ]).OfType<DataSource>();
}
