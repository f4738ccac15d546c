using System.Globalization;
using k8s.Models;
using Lateen.Resources;
using Lateen.Resources.Reading;

namespace Lateen.Registry.Building;

/// <summary>Makes services and endpoints of Kubernetes Services and the workloads they select.</summary>
internal static class KubernetesServices
{
    private const string ExportToAnnotation = "networking.istio.io/exportTo";

    public static Service Convert(V1Service source, SourcePosition position, MeshSettings settings)
    {
        string name = source.Metadata.Name;
        string @namespace = source.Metadata.NamespaceProperty;
        V1ServiceSpec spec = source.Spec ?? new V1ServiceSpec();
        EquatableMap<string> annotations = Map(source.Metadata.Annotations);
        return new Service
        {
            Hostname = new HostNames(settings.DomainSuffix).OfService(name, @namespace),
            Name = name,
            Namespace = @namespace,
            Provider = ServiceProvider.Kubernetes,
            Ports = (spec.Ports ?? []).Select(Convert).ToEquatableArray(),
            Addresses = Addresses(spec),
            Resolution = spec.Type == "ExternalName" ? Resolution.Alias
                : spec.ClusterIP == "None" ? Resolution.Passthrough : Resolution.ClientSideLb,
            ExternalName = spec.Type == "ExternalName" ? spec.ExternalName : null,
            ExportTo = Visibility.Of(ExportTo(annotations), @namespace, settings.DefaultServiceExportTo),
            Labels = Map(source.Metadata.Labels),
            Annotations = annotations,
            Selector = Map(spec.Selector),
            CreationOrder = CreationOrder.Of(source.Metadata.CreationTimestamp, position, name, @namespace),
        };
    }

    /// <summary>The endpoints of a service: per port one of each workload its selector matches in its namespace; none without a selector.</summary>
    public static IEnumerable<Endpoint> Endpoints(Service service, bool publishNotReady, WorkloadIndex workloads, MeshSettings settings) =>
        from workload in service.Selector.IsEmpty ? [] : workloads.Select(service.Namespace, service.Selector)
        from port in service.Ports
        where port.Protocol != Protocol.Udp
        let number = TargetPort(port, workload)
        where number != 0
        select OfWorkload(workload, port, number, publishNotReady, settings);

    /// <summary>A workload as an endpoint of a service's port.</summary>
    public static Endpoint OfWorkload(Workload workload, ServicePort port, uint number, bool publishNotReady, MeshSettings settings) => new()
    {
        Address = workload.Address,
        Port = number,
        ServicePortName = port.Name,
        ServicePort = port.Number,
        Namespace = workload.Namespace,
        Labels = workload.Labels,
        Identity = settings.Identity(workload.Namespace, workload.ServiceAccount),
        Workload = workload,
        WorkloadName = workload.WorkloadName,
        TlsMode = workload.TlsMode,
        Health = workload.Ready || publishNotReady ? EndpointHealth.Healthy : EndpointHealth.Unhealthy,
        Locality = workload.Locality,
        Network = workload.Network,
    };

    // A name that no container port has makes no endpoint, as in Kubernetes.
    private static uint TargetPort(ServicePort port, Workload workload) => port.TargetPortName is null
        ? port.TargetPort
        : workload.Ports.FirstOrDefault(candidate => candidate.Name == port.TargetPortName)?.Port ?? 0;

    private static ServicePort Convert(V1ServicePort port)
    {
        string? target = port.TargetPort?.ToString();
        bool numeric = uint.TryParse(target, CultureInfo.InvariantCulture, out uint number);
        bool named = !numeric && !string.IsNullOrEmpty(target);
        return new ServicePort
        {
            Name = port.Name ?? "",
            Number = (uint)port.Port,
            Protocol = ProtocolSelection.ForKubernetesPort(port.Protocol, port.AppProtocol, port.Name, port.Port),
            TargetPort = named ? 0 : numeric && number != 0 ? number : (uint)port.Port,
            TargetPortName = named ? target : null,
        };
    }

    private static EquatableArray<string> Addresses(V1ServiceSpec spec) =>
        (spec.ClusterIPs is { Count: > 0 } many ? many : [spec.ClusterIP])
            .Where(address => !string.IsNullOrEmpty(address) && address != "None").ToEquatableArray();

    private static EquatableArray<string> ExportTo(EquatableMap<string> annotations) =>
        annotations.GetValueOrDefault(ExportToAnnotation, "")
            .Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).ToEquatableArray();

    private static EquatableMap<string> Map(IDictionary<string, string>? entries) => entries is null ? default : new(entries);
}
