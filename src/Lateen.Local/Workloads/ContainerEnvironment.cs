using System.Collections.Immutable;
using k8s.Models;
using Lateen.Registry;

namespace Lateen.Local.Workloads;

/// <summary>The environment that a Deployment gives its first container, as far as it has a meaning on this machine.</summary>
internal static class ContainerEnvironment
{
    /// <summary>The variables. Throws <see cref="LocalMeshException"/> for one that only a cluster can fill and <paramref name="own"/> does not set.</summary>
    internal static IEnumerable<(string Name, string Value)> Read(V1PodTemplateSpec template, Workload workload, ImmutableSortedDictionary<string, Template> own)
    {
        foreach (var variable in template.Spec.Containers.FirstOrDefault()?.Env ?? [])
        {
            if (own.ContainsKey(variable.Name))
                continue;
            var field = variable.ValueFrom?.FieldRef?.FieldPath;
            yield return (variable.Name, variable.ValueFrom is null ? variable.Value ?? "" : Field(field, workload)
                ?? throw new LocalMeshException($"Deployment {workload.WorkloadName}: environment variable {variable.Name} comes from "
                    + $"{field ?? "a ConfigMap, a Secret or a resource limit"}, which is not read here; set it below \"env\" in {LocalFile.Name}"));
        }
    }

    // Kubernetes' downward API.
    private static string? Field(string? path, Workload workload) => path switch
    {
        "metadata.name" => workload.Name,
        "metadata.namespace" => workload.Namespace,
        "spec.serviceAccountName" => workload.ServiceAccount,
        "spec.nodeName" => workload.Node,
        "status.podIP" or "status.podIPs" or "status.hostIP" => workload.Address,
        not null when Quoted(path, "metadata.labels") is { } label => workload.Labels.GetValueOrDefault(label, ""),
        not null when Quoted(path, "metadata.annotations") is { } annotation => workload.Annotations.GetValueOrDefault(annotation, ""),
        _ => null,
    };

    private static string? Quoted(string path, string map) =>
        path.StartsWith($"{map}['", StringComparison.Ordinal) && path.EndsWith("']", StringComparison.Ordinal) ? path[(map.Length + 2)..^2] : null;
}
