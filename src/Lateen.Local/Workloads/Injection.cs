using k8s.Models;

namespace Lateen.Local.Workloads;

/// <summary>
/// Whether a pod gets a sidecar (Istio's injector: label sidecar.istio.io/inject, then the annotation of that name, then the namespace's
/// label istio-injection), and the labels injection adds.
/// </summary>
internal static class Injection
{
    private const string InjectKey = "sidecar.istio.io/inject";

    /// <summary>Decides for a pod template in a namespace.</summary>
    internal static bool Applies(V1PodTemplateSpec template, V1Namespace? @namespace)
    {
        if (template.Spec?.HostNetwork == true)
            return false;
        var asked = Value(template.Metadata?.Labels, InjectKey) ?? Value(template.Metadata?.Annotations, InjectKey);
        return asked switch
        {
            "true" => true,
            "false" => false,
            _ => Value(@namespace?.Metadata?.Labels, "istio-injection") == "enabled",
        };
    }

    /// <summary>The labels of an injected pod: its own, and those that the mesh knows a workload by.</summary>
    internal static SortedDictionary<string, string> Labels(IDictionary<string, string>? own, string workload)
    {
        var labels = new SortedDictionary<string, string>(own ?? new Dictionary<string, string>(), StringComparer.Ordinal);
        labels.TryAdd("security.istio.io/tlsMode", "istio");
        labels.TryAdd("service.istio.io/canonical-name", CanonicalName(labels, workload));
        labels.TryAdd("service.istio.io/canonical-revision", Value(labels, "app.kubernetes.io/version") ?? Value(labels, "version") ?? "latest");
        return labels;
    }

    private static string CanonicalName(SortedDictionary<string, string> labels, string workload)
    {
        var name = Value(labels, "app.kubernetes.io/name") ?? Value(labels, "app") ?? workload;
        return name[..Math.Min(name.Length, 63)].Trim('-', '_', '.');
    }

    private static string? Value(IDictionary<string, string>? map, string key) =>
        map is not null && map.TryGetValue(key, out var value) ? value : null;
}
