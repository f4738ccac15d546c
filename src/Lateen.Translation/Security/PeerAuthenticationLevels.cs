using Lateen.Registry;
using Lateen.Resources;
using Lateen.Resources.Security;

namespace Lateen.Translation.Security;

/// <summary>
/// Which traffic a server takes. Levels: mesh (root namespace), namespace, workload, port of a workload; the oldest policy wins within a
/// level, UNSET asks the level above, and nothing at all means PERMISSIVE.
/// </summary>
internal sealed class PeerAuthenticationLevels(MeshSnapshot snapshot)
{
    private string RootNamespace => snapshot.Settings.RootNamespace;

    /// <summary>The mode of a namespace as a whole: all that a client's cluster may assume about its servers.</summary>
    public MutualTlsMode ForNamespace(string @namespace)
    {
        var mode = @namespace == RootNamespace ? MutualTlsMode.Unset : ModeOf(Oldest(@namespace, policy => !HasSelector(policy)));
        if (mode == MutualTlsMode.Unset) mode = ModeOf(Oldest(RootNamespace, policy => !HasSelector(policy)));
        return mode == MutualTlsMode.Unset ? MutualTlsMode.Permissive : mode;
    }

    /// <summary>The mode of a workload where no port says otherwise.</summary>
    public MutualTlsMode ForWorkload(string @namespace, EquatableMap<string> labels)
    {
        var mode = ModeOf(WorkloadPolicy(@namespace, labels));
        return mode == MutualTlsMode.Unset ? ForNamespace(@namespace) : mode;
    }

    /// <summary>The mode of a port the workload listens on (not the service's port).</summary>
    public MutualTlsMode ForPort(string @namespace, EquatableMap<string> labels, uint port) =>
        PortModes(@namespace, labels).TryGetValue(port, out var mode) ? mode : ForWorkload(@namespace, labels);

    /// <summary>The ports of a workload that say something themselves.</summary>
    public SortedDictionary<uint, MutualTlsMode> PortModes(string @namespace, EquatableMap<string> labels)
    {
        var modes = new SortedDictionary<uint, MutualTlsMode>();
        if (WorkloadPolicy(@namespace, labels) is not { } policy) return modes;
        foreach (var (port, mutualTls) in policy.Spec.PortLevelMtls)
            if (uint.TryParse(port, out var number) && mutualTls.Mode != MutualTlsMode.Unset) modes[number] = mutualTls.Mode;
        return modes;
    }

    /// <summary>Policies with a selector count only outside of the root namespace.</summary>
    private PeerAuthentication? WorkloadPolicy(string @namespace, EquatableMap<string> labels) => @namespace == RootNamespace
        ? null
        : Oldest(@namespace, policy => HasSelector(policy) && policy.Spec.Selector!.MatchLabels.Selects(labels));

    private PeerAuthentication? Oldest(string @namespace, Func<PeerAuthentication, bool> condition) =>
        snapshot.PeerAuthenticationsIn(@namespace).FirstOrDefault(condition);

    private static MutualTlsMode ModeOf(PeerAuthentication? policy) => policy?.Spec.Mtls?.Mode ?? MutualTlsMode.Unset;

    private static bool HasSelector(PeerAuthentication policy) => policy.Spec.Selector is { MatchLabels.IsEmpty: false };
}
