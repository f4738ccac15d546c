using System.Collections;
using System.Text.RegularExpressions;
using Envoy.Admin.V3;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Lateen.Proxy.Configuration;

namespace Lateen.Proxy.Admin;

/// <summary>Builds <c>/config_dump</c>: everything in force, by kind, in Envoy's messages.</summary>
internal sealed class ConfigDumpBuilder(AdminSources sources)
{
    /// <summary>The kinds in Envoy's order.</summary>
    public IReadOnlyList<IMessage> Build(bool withEndpoints, Regex? name)
    {
        var kinds = new List<IMessage> { Bootstrap(), Clusters(name) };
        if (withEndpoints)
            kinds.Add(Endpoints(name));
        kinds.Add(Listeners(name));
        kinds.Add(new ScopedRoutesConfigDump());
        kinds.Add(Routes(name));
        kinds.Add(Secrets(name));
        return kinds;
    }

    /// <summary>The page for the request's <c>resource</c>, <c>mask</c>, <c>name_regex</c> and <c>include_eds</c>.</summary>
    public AdminResponse Answer(AdminRequest request)
    {
        Regex? name = null;
        if (request.Query.TryGetValue("name_regex", out var pattern))
        {
            try
            {
                name = new Regex($"^(?:{pattern})$", RegexOptions.NonBacktracking);
            }
            catch (ArgumentException)
            {
                return AdminResponse.Text("Error while parsing name_regex from query string\n", 400);
            }
        }

        var resource = request.Query.GetValueOrDefault("resource");
        var mask = request.Query.TryGetValue("mask", out var paths) ? FieldMask.FromString(paths) : null;
        var kinds = Build(request.Query.ContainsKey("include_eds") || resource?.Contains("endpoint", StringComparison.Ordinal) == true, name);
        var shown = resource is null ? kinds : Resources(kinds, resource);
        if (shown is null)
            return AdminResponse.Text($"{resource} not found in config dump", 404);
        var dump = new ConfigDump();
        foreach (var message in shown)
            dump.Configs.Add(Any.Pack(mask is null ? message : Masked(message, mask)));
        return AdminResponse.JsonText(ProtoJson.Format(dump));
    }

    // A repeated field of one of the kinds, e.g. dynamic_active_clusters; null when no kind has it.
    private static List<IMessage>? Resources(IReadOnlyList<IMessage> kinds, string resource)
    {
        foreach (var kind in kinds)
        {
            if (kind.Descriptor.FindFieldByName(resource) is not { } field)
                continue;
            var value = field.Accessor.GetValue(kind);
            return field.IsRepeated ? [.. ((IList)value).Cast<IMessage>()] : value is IMessage one ? [one] : [];
        }

        return null;
    }

    private static IMessage Masked(IMessage message, FieldMask mask)
    {
        var masked = message.Descriptor.Parser.ParseFrom(ByteString.Empty);
        mask.Merge(message, masked);
        return masked;
    }

    private BootstrapConfigDump Bootstrap() => new() { Bootstrap = sources.Bootstrap.Clone(), LastUpdated = Time(sources.Lifecycle.Started) };

    private ClustersConfigDump Clusters(Regex? name)
    {
        var dump = new ClustersConfigDump { VersionInfo = sources.Clusters.Version };
        foreach (var record in Selected(sources.Clusters.StaticRecords, name))
            dump.StaticClusters.Add(new ClustersConfigDump.Types.StaticCluster { Cluster = Any.Pack(record.Resource), LastUpdated = Time(record.LastUpdated) });
        foreach (var record in Selected(sources.Clusters.Records, name))
        {
            dump.DynamicActiveClusters.Add(new ClustersConfigDump.Types.DynamicCluster
            {
                VersionInfo = record.Version,
                Cluster = Packed(record),
                LastUpdated = Time(record.LastUpdated),
                ErrorState = Failure(record),
                ClientStatus = Status(record),
            });
        }

        return dump;
    }

    private EndpointsConfigDump Endpoints(Regex? name)
    {
        var dump = new EndpointsConfigDump();
        foreach (var record in Selected(sources.Clusters.Endpoints, name))
        {
            dump.DynamicEndpointConfigs.Add(new EndpointsConfigDump.Types.DynamicEndpointConfig
            {
                VersionInfo = record.Version,
                EndpointConfig = Packed(record),
                LastUpdated = Time(record.LastUpdated),
                ErrorState = Failure(record),
                ClientStatus = Status(record),
            });
        }

        return dump;
    }

    private ListenersConfigDump Listeners(Regex? name)
    {
        var dump = new ListenersConfigDump { VersionInfo = sources.ListenerUpdates.Version };
        foreach (var record in Selected(sources.ListenerUpdates.StaticRecords, name).Where(r => r.Resource is not null))
            dump.StaticListeners.Add(new ListenersConfigDump.Types.StaticListener { Listener = Any.Pack(record.Resource), LastUpdated = Time(record.LastUpdated) });
        foreach (var record in Selected(sources.ListenerUpdates.Records, name))
        {
            dump.DynamicListeners.Add(new ListenersConfigDump.Types.DynamicListener
            {
                Name = record.Name,
                ActiveState = State(record),
                WarmingState = State(record.Warming),
                ErrorState = Failure(record),
                ClientStatus = Status(record),
            });
        }

        return dump;
    }

    private RoutesConfigDump Routes(Regex? name)
    {
        var dump = new RoutesConfigDump();
        foreach (var record in Selected(sources.Routes.Records, name))
        {
            dump.DynamicRouteConfigs.Add(new RoutesConfigDump.Types.DynamicRouteConfig
            {
                VersionInfo = record.Version,
                RouteConfig = Packed(record),
                LastUpdated = Time(record.LastUpdated),
                ErrorState = Failure(record),
                ClientStatus = Status(record),
            });
        }

        return dump;
    }

    private SecretsConfigDump Secrets(Regex? name)
    {
        var dump = new SecretsConfigDump();
        foreach (var secret in sources.Secrets.Static.Where(s => name is null || name.IsMatch(s.Name)))
            dump.StaticSecrets.Add(new SecretsConfigDump.Types.StaticSecret { Name = secret.Name, Secret = Any.Pack(secret), LastUpdated = Time(sources.Lifecycle.Started) });
        foreach (var record in Selected(sources.Secrets.Records, name))
        {
            dump.DynamicActiveSecrets.Add(new SecretsConfigDump.Types.DynamicSecret
            {
                Name = record.Name,
                VersionInfo = record.Version,
                Secret = Packed(record),
                LastUpdated = Time(record.LastUpdated),
                ErrorState = Failure(record),
                ClientStatus = Status(record),
            });
        }

        return dump;
    }

    private static IEnumerable<ResourceRecord> Selected(ResourceRecords records, Regex? name) =>
        records.Snapshot().Where(r => name is null || name.IsMatch(r.Name));

    private static ListenersConfigDump.Types.DynamicListenerState? State(ResourceRecord? record) => record?.Resource is null ? null : new()
    {
        VersionInfo = record.Version,
        Listener = Any.Pack(record.Resource),
        LastUpdated = Time(record.LastUpdated),
    };

    private static Any? Packed(ResourceRecord record) => record.Resource is null ? null : Any.Pack(record.Resource);

    private static UpdateFailureState? Failure(ResourceRecord record) => record.Rejection is not { } rejection ? null : new()
    {
        VersionInfo = rejection.Version,
        Details = rejection.Details,
        LastUpdateAttempt = Time(rejection.At),
    };

    private static ClientResourceStatus Status(ResourceRecord record) => record switch
    {
        { Rejection: not null } => ClientResourceStatus.Nacked,
        { Resource: null } => ClientResourceStatus.Requested,
        _ => ClientResourceStatus.Acked,
    };

    private static Timestamp? Time(DateTimeOffset time) => time == default ? null : Timestamp.FromDateTimeOffset(time);
}
