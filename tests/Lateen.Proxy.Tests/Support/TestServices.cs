using Envoy.Config.Core.V3;
using Lateen.Proxy.Clusters;
using Lateen.Proxy.Extensions;
using Lateen.Proxy.Loops;
using Lateen.Proxy.Stats;
using Lateen.Proxy.Upstream;
using Microsoft.Extensions.Logging.Abstractions;

namespace Lateen.Proxy.Tests.Support;

/// <summary>The process's services as a test needs them: nothing but statistics, secrets and the loops it gives.</summary>
public static class TestServices
{
    public static ProxyServices Create(
        IReadOnlyList<IEventLoop> loops,
        ISecretProvider? secrets = null,
        IAccessLogFactory? logs = null,
        ExtensionCatalog? extensions = null,
        IClusterDirectory? clusters = null) => new()
        {
            Node = new Node { Id = "sidecar~127.0.0.1~test.default~default.svc.cluster.local" },
            Loops = loops,
            Time = TimeProvider.System,
            Stats = new StatsStore(),
            Clusters = clusters ?? new NoClusters(),
            Routes = new NoRoutes(),
            Secrets = secrets ?? new TestSecrets(),
            AccessLogs = logs ?? new NoLogs(),
            Extensions = extensions ?? new ExtensionCatalog([], []),
            LoggerFactory = NullLoggerFactory.Instance,
            UpstreamConnector = new NoUpstreams(),
        };

    private sealed class NoClusters : IClusterDirectory
    {
        public Cluster? Find(string name) => null;
    }

    private sealed class NoUpstreams : IUpstreamConnector
    {
        public ValueTask<Transport> ConnectAsync(IEventLoop loop, Host host, UpstreamTransport transport, UpstreamTlsOverride tls) =>
            throw new InvalidOperationException("No upstreams in this test.");
    }

    private sealed class NoRoutes : IRouteProvider
    {
        public IRouteSource Subscribe(string name, ConfigSource source) => throw new InvalidOperationException("No routes in this test.");
    }

    private sealed class NoLogs : IAccessLogFactory, IAccessLog
    {
        public IAccessLog Create(IReadOnlyList<Envoy.Config.Accesslog.V3.AccessLog> configuration) => this;

        public void Log(Lateen.Proxy.Http.StreamInfo stream)
        {
            // Not looked at.
        }
    }
}
