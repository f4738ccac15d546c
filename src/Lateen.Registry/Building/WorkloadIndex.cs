using Lateen.Resources;

namespace Lateen.Registry.Building;

/// <summary>Finds the workloads of a namespace that have given labels without looking at all of them.</summary>
internal sealed class WorkloadIndex(IEnumerable<Workload> workloads)
{
    private readonly ILookup<(string Namespace, string Key, string Value), Workload> _byLabel = (
        from workload in workloads
        from label in workload.Labels
        select (workload, label)).ToLookup(entry => (entry.workload.Namespace, entry.label.Key, entry.label.Value), entry => entry.workload);

    private readonly ILookup<string, Workload> _byNamespace = workloads.ToLookup(workload => workload.Namespace);

    /// <summary>Workloads that a selector matches; every one of the namespace when it is empty.</summary>
    public IEnumerable<Workload> Select(string @namespace, EquatableMap<string> selector)
    {
        if (selector.IsEmpty) return _byNamespace[@namespace];
        (string key, string value) = selector.EntryAt(0);
        return _byLabel[(@namespace, key, value)].Where(workload => selector.Selects(workload.Labels));
    }
}
