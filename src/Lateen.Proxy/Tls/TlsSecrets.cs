using Envoy.Extensions.TransportSockets.Tls.V3;
using Lateen.Proxy.Configuration;
using Lateen.Proxy.Extensions;
using Microsoft.Extensions.Logging;

namespace Lateen.Proxy.Tls;

/// <summary>Certificates and verification rules in force together; immutable.</summary>
internal sealed record TlsMaterial(IReadOnlyList<LoadedCertificate> Certificates, PeerVerifier? Verifier);

/// <summary>
/// The secrets of a TLS context. What is made of them is made again when one of them has changed, by the first handshake that finds so;
/// connections that stand keep what they began with.
/// </summary>
internal sealed partial class TlsSecrets<T>
    where T : class
{
    private readonly List<ISecretSource> _certificates = [];
    private readonly ISecretSource? _validation;
    private readonly CertificateValidationContext? _defaultValidation;
    private readonly Func<TlsMaterial, T> _build;
    private readonly ILogger _log;
    private readonly Lock _lock = new();
    private Built? _built;

    /// <summary>Subscribes to the secrets of a context; <paramref name="build"/> makes what handshakes use.</summary>
    /// <exception cref="ConfigurationException">An inline secret is broken, or a kind of source is not supported.</exception>
    public TlsSecrets(CommonTlsContext context, ISecretProvider secrets, ILogger log, Func<TlsMaterial, T> build)
    {
        _build = build;
        _log = log;
        Refuse(context);
        _certificates.AddRange(context.TlsCertificates.Select(c => secrets.Inline(new Secret { TlsCertificate = c })));
        _certificates.AddRange(context.TlsCertificateSdsSecretConfigs.Select(secrets.Subscribe));
        switch (context.ValidationContextTypeCase)
        {
            case CommonTlsContext.ValidationContextTypeOneofCase.ValidationContext:
                _defaultValidation = context.ValidationContext;
                break;
            case CommonTlsContext.ValidationContextTypeOneofCase.ValidationContextSdsSecretConfig:
                _validation = secrets.Subscribe(context.ValidationContextSdsSecretConfig);
                break;
            case CommonTlsContext.ValidationContextTypeOneofCase.CombinedValidationContext:
                _defaultValidation = context.CombinedValidationContext.DefaultValidationContext;
                _validation = secrets.Subscribe(context.CombinedValidationContext.ValidationContextSdsSecretConfig);
                break;
        }

        CheckInline();
    }

    /// <summary>Complete when all secrets arrived, or their fetches timed out.</summary>
    public IEnumerable<Task> Warming => Sources.Select(s => s.Ready);

    private IEnumerable<ISecretSource> Sources => _validation is null ? _certificates : _certificates.Append(_validation);

    /// <summary>What handshakes use now; null while a secret is missing.</summary>
    public T? Current
    {
        get
        {
            var built = Volatile.Read(ref _built);
            return built is not null && IsCurrent(built) ? built.Value : Rebuild();
        }
    }

    private static void Refuse(CommonTlsContext context)
    {
        if (context.CustomHandshaker is not null)
        {
            throw new ConfigurationException("custom_handshaker", "custom handshakers are not supported");
        }

        if (context.TlsCertificateProviderInstance is not null)
        {
            throw new ConfigurationException("tls_certificate_provider_instance", "certificate providers are not supported");
        }

        if (context.ValidationContextTypeCase is CommonTlsContext.ValidationContextTypeOneofCase.ValidationContextCertificateProvider
            or CommonTlsContext.ValidationContextTypeOneofCase.ValidationContextCertificateProviderInstance)
        {
            throw new ConfigurationException("validation_context_type", "certificate providers are not supported");
        }
    }

    // What came with the configuration itself must be in order; what SDS brings is judged when it is there.
    private void CheckInline()
    {
        var secrets = Snapshot();
        if (!Array.Exists(secrets, s => s is null))
        {
            _built = new Built(secrets, Build(secrets));
        }
        else if (_defaultValidation is not null && _validation is null)
        {
            Within("validation_context", () => new PeerVerifier(_defaultValidation));
        }
    }

    private bool IsCurrent(Built built)
    {
        for (var i = 0; i < _certificates.Count; i++)
        {
            if (built.Secrets[i] != _certificates[i].Current)
            {
                return false;
            }
        }

        return _validation is null || built.Secrets[^1] == _validation.Current;
    }

    private Secret?[] Snapshot() => [.. Sources.Select(s => s.Current)];

    private T? Rebuild()
    {
        lock (_lock)
        {
            var secrets = Snapshot();
            var before = _built;
            if (before is not null && secrets.AsSpan().SequenceEqual(before.Secrets))
            {
                return before.Value;
            }

            var value = before?.Value;
            if (!Array.Exists(secrets, s => s is null))
            {
                try
                {
                    value = Build(secrets);
                }
                catch (ConfigurationException e)
                {
                    // The last good one stays.
                    LogBroken(_log, string.Join(", ", Sources.Select(s => s.Name)), e.Message);
                }
            }

            if (value is not null)
            {
                Volatile.Write(ref _built, new Built(secrets, value));
            }

            return value;
        }
    }

    private T Build(Secret?[] secrets)
    {
        var certificates = new List<LoadedCertificate>();
        for (var i = 0; i < _certificates.Count; i++)
        {
            var secret = secrets[i]!;
            var path = $"tls_certificates[{i}]";
            certificates.Add(Within(path, () => LoadedCertificate.Load(
                secret.TlsCertificate ?? throw new ConfigurationException("", $"the secret '{_certificates[i].Name}' is not a tls_certificate"))));
        }

        var rules = _defaultValidation;
        if (_validation is not null)
        {
            var arrived = secrets[^1]!.ValidationContext
                ?? throw new ConfigurationException("validation_context", $"the secret '{_validation.Name}' is not a validation_context");
            rules = rules?.Clone() ?? new CertificateValidationContext();
            rules.MergeFrom(arrived);
        }

        var verifier = rules is null ? null : Within("validation_context", () => new PeerVerifier(rules));
        return _build(new TlsMaterial(certificates, verifier));
    }

    private static TResult Within<TResult>(string path, Func<TResult> action)
    {
        try
        {
            return action();
        }
        catch (ConfigurationException e)
        {
            throw e.Within(path);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The TLS secrets {Names} cannot be used, the ones before stay: {Problem}")]
    private static partial void LogBroken(ILogger logger, string names, string problem);

    private sealed record Built(Secret?[] Secrets, T Value);
}
