using System.Runtime;
using Envoy.Config.Core.V3;
using Lateen.Proxy.Configuration;
using BootstrapProto = Envoy.Config.Bootstrap.V3.Bootstrap;

namespace Lateen.Proxy.Bootstrap;

/// <summary>Reads what the proxy starts from: the bootstrap file, what the command line lays over it, and the checks that need no runtime.</summary>
public static class BootstrapReader
{
    /// <summary>Reads and checks the bootstrap.</summary>
    /// <exception cref="ConfigurationException">It cannot be read, or is not valid.</exception>
    public static BootstrapProto Read(BootstrapOptions options)
    {
        if (options.ConfigPath is null && options.ConfigYaml is null)
            throw new ConfigurationException("", "At least one of --config-path or --config-yaml or Options::configProto() should be non-empty");
        var bootstrap = options.ConfigPath is { } path ? ConfigurationDocument.ReadFile<BootstrapProto>(path) : new BootstrapProto();
        if (options.ConfigYaml is { } yaml)
            bootstrap.MergeFrom(ConfigurationDocument.Read<BootstrapProto>("--config-yaml", yaml));
        ApplyNode(bootstrap, options);
        Check(bootstrap);
        return bootstrap;
    }

    /// <summary>
    /// Gives the memory that reading took back to the system: it is many times what the proxy needs afterwards. Call once, after
    /// start-up.
    /// </summary>
    public static void ReleaseMemory()
    {
        GCSettings.LargeObjectHeapCompactionMode = GCLargeObjectHeapCompactionMode.CompactOnce;
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    }

    private static void ApplyNode(BootstrapProto bootstrap, BootstrapOptions options)
    {
        var node = bootstrap.Node ??= new Node();
        if (options.ServiceNode is { Length: > 0 } id)
            node.Id = id;
        if (options.ServiceCluster is { Length: > 0 } cluster)
            node.Cluster = cluster;
        if (options.ServiceZone is { Length: > 0 } zone)
            (node.Locality ??= new Locality()).Zone = zone;
        node.UserAgentName = "lateen-proxy";
        node.UserAgentVersion = ProxyVersion.Text;
    }

    private static void Check(BootstrapProto bootstrap)
    {
        var dynamic = bootstrap.DynamicResources;
        if (dynamic is { AdsConfig: not null } or { CdsConfig: not null } or { LdsConfig: not null })
        {
            if (bootstrap.Node.Id.Length == 0 || bootstrap.Node.Cluster.Length == 0)
            {
                throw new ConfigurationException(
                    "node", "node 'id' and 'cluster' are required. Set it either in 'node' config or via --service-node and --service-cluster options.");
            }
        }

        Unique(bootstrap.StaticResources?.Clusters.Select(c => c.Name) ?? [], "static_resources.clusters");
        Unique(bootstrap.StaticResources?.Secrets.Select(s => s.Name) ?? [], "static_resources.secrets");
        Unique(bootstrap.StaticResources?.Listeners.Select(l => l.Name).Where(n => n.Length > 0) ?? [], "static_resources.listeners");
    }

    private static void Unique(IEnumerable<string> names, string path)
    {
        var seen = new HashSet<string>();
        foreach (var name in names)
        {
            if (!seen.Add(name))
                throw new ConfigurationException(path, $"duplicate name '{name}'");
        }
    }
}
