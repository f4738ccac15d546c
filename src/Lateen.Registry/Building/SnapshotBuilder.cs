using System.Collections.Immutable;
using k8s.Models;
using Lateen.Registry.Sources;
using Lateen.Resources.Networking;
using Lateen.Resources.Reading;
using Lateen.Resources.Security;
using Lateen.Validation;

namespace Lateen.Registry.Building;

/// <summary>What a snapshot was built to.</summary>
/// <param name="Snapshot">The snapshot.</param>
/// <param name="Change">What differs from the one before.</param>
/// <param name="Findings">What is wrong in what it was built of.</param>
public sealed record MeshUpdate(MeshSnapshot Snapshot, MeshChange Change, ImmutableArray<Finding> Findings);

/// <summary>Builds snapshots of what the sources hold: each shares with the one before it what did not change, and says what did.</summary>
/// <param name="defaults">Settings below what a ConfigMap says.</param>
public sealed class SnapshotBuilder(MeshSettings defaults)
{
    private const string MeshConfigMap = "istio";
    private const string MeshConfigKey = "mesh";

    private MeshSettings? _settings;
    private MeshSnapshot? _last;

    /// <summary>Builds the snapshot of YAML text, e.g. in tests; throws <see cref="FormatException"/> on errors in it.</summary>
    public static MeshSnapshot FromYaml(string yaml, IEnumerable<Workload>? workloads = null, MeshSettings? settings = null)
    {
        ReadResult read = ResourceReader.Read("mesh.yaml", yaml);
        if (read.Errors.Count > 0) throw new FormatException(string.Join('\n', read.Errors));
        var content = new SourceContent([.. read.Documents], [.. workloads ?? []], []);
        return new SnapshotBuilder(settings ?? MeshSettings.Default).Build([content]).Snapshot;
    }

    /// <summary>Builds the next snapshot. Of one object in several sources the first counts.</summary>
    public MeshUpdate Build(IReadOnlyList<SourceContent> sources)
    {
        var findings = ImmutableArray.CreateBuilder<Finding>();
        findings.AddRange(sources.SelectMany(source => source.Findings));
        ImmutableArray<ResourceDocument> documents = [.. sources.SelectMany(source => source.Documents).DistinctBy(document => document.Key)];
        _settings = ReadSettings(documents, findings);

        ImmutableArray<Workload> workloads =
            [.. sources.SelectMany(source => source.Workloads).DistinctBy(workload => (workload.Namespace, workload.Name))];
        SnapshotContent content = Collect(documents, workloads, _settings);
        if (_last is not null) content = SnapshotDifference.Share(content, _last.Content);
        var snapshot = new MeshSnapshot(content, (_last?.Version ?? 0) + 1);
        MeshChange change = _last is null ? MeshChange.Everything : SnapshotDifference.Between(_last.Content, snapshot.Content);
        _last = snapshot;
        return new(snapshot, change, findings.ToImmutable());
    }

    // With an error in it the last good settings stay.
    private MeshSettings ReadSettings(ImmutableArray<ResourceDocument> documents, ImmutableArray<Finding>.Builder findings)
    {
        ResourceDocument? map = documents.FirstOrDefault(
            document => document.Key is { Kind: "ConfigMap", Name: MeshConfigMap } && document.Key.Namespace == defaults.RootNamespace);
        if (map?.Resource is not V1ConfigMap { Data: { } data } || !data.TryGetValue(MeshConfigKey, out string? text)) return defaults;
        return MeshConfigReader.Read(text, map, findings)?.Over(defaults) ?? _settings ?? defaults;
    }

    private static SnapshotContent Collect(ImmutableArray<ResourceDocument> documents, ImmutableArray<Workload> workloads, MeshSettings settings)
    {
        var names = new HostNames(settings.DomainSuffix);
        var services = new ServiceTable(settings, workloads);
        foreach (ResourceDocument document in documents)
        {
            if (document.Resource is V1Service service) services.Add(service, document.Origin.Position);
            else if (document.Resource is ServiceEntry entry) services.Add(entry);
        }
        return new SnapshotContent
        {
            Settings = settings,
            Workloads = workloads,
            Services = services.Services(),
            Endpoints = services.Endpoints(),
            Gateways = Of<Gateway>(documents),
            VirtualServices = [.. Of<VirtualService>(documents).Select(names.Resolve)],
            DestinationRules = [.. Of<DestinationRule>(documents).Select(names.Resolve)],
            ServiceEntries = Of<ServiceEntry>(documents),
            PeerAuthentications = Of<PeerAuthentication>(documents),
            Credentials = [.. Of<V1Secret>(documents).Select(TlsCredentials.Of).OfType<TlsCredential>()],
            Deployments = Of<V1Deployment>(documents),
            Namespaces = Of<V1Namespace>(documents),
            ServiceAccounts = Of<V1ServiceAccount>(documents),
            ConfigMaps = Of<V1ConfigMap>(documents),
        };
    }

    private static ImmutableArray<T> Of<T>(ImmutableArray<ResourceDocument> documents) => [.. documents.Select(document => document.Resource).OfType<T>()];
}
