using Envoy.Extensions.TransportSockets.Tls.V3;
using Lateen.Proxy.Extensions;

namespace Lateen.Proxy.Tests.Support;

/// <summary>Secrets that a test sets and rotates by name.</summary>
public sealed class TestSecrets : ISecretProvider
{
    private readonly Dictionary<string, Source> _byName = [];

    public ISecretSource Inline(Secret secret)
    {
        var source = new Source("inline");
        source.Set(secret);
        return source;
    }

    public ISecretSource Subscribe(SdsSecretConfig config) => Named(config.Name);

    /// <summary>Delivers a secret.</summary>
    public void Set(string name, TlsCertificate certificate) => Named(name).Set(new Secret { Name = name, TlsCertificate = certificate });

    /// <inheritdoc cref="Set(string, TlsCertificate)"/>
    public void Set(string name, CertificateValidationContext trust) => Named(name).Set(new Secret { Name = name, ValidationContext = trust });

    private Source Named(string name)
    {
        if (!_byName.TryGetValue(name, out var source))
        {
            _byName[name] = source = new Source(name);
        }

        return source;
    }

    private sealed class Source(string name) : ISecretSource
    {
        private readonly TaskCompletionSource _ready = new();

        public event Action? Changed;

        public string Name => name;

        public Secret? Current { get; private set; }

        public Task Ready => _ready.Task;

        public void Set(Secret secret)
        {
            Current = secret;
            _ready.TrySetResult();
            Changed?.Invoke();
        }
    }
}
