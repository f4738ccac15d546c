using Envoy.Admin.V3;
using Google.Protobuf.WellKnownTypes;
using Lateen.Proxy.Bootstrap;
using Lateen.Proxy.Server;

namespace Lateen.Proxy.Admin;

/// <summary>Pages about the process as a whole.</summary>
internal static class ServerPages
{
    public static AdminResponse Info(AdminSources sources)
    {
        var options = sources.Options;
        var uptime = Duration.FromTimeSpan(TimeSpan.FromSeconds((long)sources.Lifecycle.Uptime.TotalSeconds));
        return AdminResponse.JsonText(ProtoJson.Format(new ServerInfo
        {
            Version = $"lateen-proxy/{ProxyVersion.Text}",
            State = sources.Lifecycle.State switch
            {
                ServerState.Live => ServerInfo.Types.State.Live,
                ServerState.Draining => ServerInfo.Types.State.Draining,
                ServerState.PreInitializing => ServerInfo.Types.State.PreInitializing,
                _ => ServerInfo.Types.State.Initializing,
            },
            UptimeCurrentEpoch = uptime,
            UptimeAllEpochs = uptime,
            HotRestartVersion = "disabled",
            Node = sources.Bootstrap.Node.Clone(),
            CommandLineOptions = new CommandLineOptions
            {
                Concurrency = (uint)options.Concurrency,
                ConfigPath = options.ConfigPath ?? "",
                ConfigYaml = options.ConfigYaml ?? "",
                AdminAddressPath = options.AdminAddressPath ?? "",
                ServiceCluster = options.ServiceCluster ?? "",
                ServiceNode = options.ServiceNode ?? "",
                ServiceZone = options.ServiceZone ?? "",
                FileFlushInterval = Duration.FromTimeSpan(options.FileFlushInterval),
                DrainTime = Duration.FromTimeSpan(options.DrainTime),
                DrainStrategy = options.DrainStrategy == DrainStrategy.Immediate
                    ? CommandLineOptions.Types.DrainStrategy.Immediate
                    : CommandLineOptions.Types.DrainStrategy.Gradual,
                LogLevel = options.Given.LastOrDefault(o => o.Key is "l" or "log_level").Value ?? "info",
                ComponentLogLevel = options.Given.LastOrDefault(o => o.Key == "component_log_level").Value ?? "",
                DisableHotRestart = true,
            },
        }));
    }

    public static AdminResponse Memory()
    {
        var memory = GC.GetGCMemoryInfo();
        return AdminResponse.JsonText(ProtoJson.Format(new Memory
        {
            Allocated = (ulong)GC.GetTotalMemory(forceFullCollection: false),
            HeapSize = (ulong)memory.TotalCommittedBytes,
            PageheapFree = (ulong)memory.FragmentedBytes,
            TotalPhysicalBytes = (ulong)Environment.WorkingSet,
        }));
    }
}
