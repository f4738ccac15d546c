using Lateen.Resources;
using Lateen.Resources.Networking;

namespace Lateen.Registry.Building;

/// <summary>Makes services and endpoints of ServiceEntries: one service per host.</summary>
internal static class ServiceEntries
{
    public static IEnumerable<Service> Convert(ServiceEntry entry, MeshSettings settings)
    {
        ServiceEntrySpec spec = entry.Spec;
        return spec.Hosts.Distinct().Select(host => new Service
        {
            Hostname = host,
            Name = host,
            Namespace = entry.Namespace,
            Provider = ServiceProvider.External,
            Ports = spec.Ports.Select(Convert).ToEquatableArray(),
            Addresses = spec.Addresses.Select(PlainAddress).ToEquatableArray(),
            Resolution = Resolve(spec.Resolution),
            MeshExternal = spec.Location == ServiceEntryLocation.MeshExternal,
            ExportTo = Visibility.Of(spec.ExportTo, entry.Namespace, settings.DefaultServiceExportTo),
            Labels = entry.Metadata.Labels,
            Annotations = entry.Metadata.Annotations,
            Selector = spec.WorkloadSelector?.Labels ?? default,
            CreationOrder = CreationOrder.Of(entry),
        });
    }

    public static IEnumerable<Endpoint> Endpoints(ServiceEntry entry, string host, WorkloadIndex workloads, MeshSettings settings)
    {
        ServiceEntrySpec spec = entry.Spec;
        if (spec.Resolution is ServiceEntryResolution.None or ServiceEntryResolution.DynamicDns) return [];
        if (spec.WorkloadSelector is { } selector)
        {
            return from workload in workloads.Select(entry.Namespace, selector.Labels)
                   from port in spec.Ports
                   select KubernetesServices.OfWorkload(workload, Convert(port), TargetPort(port), publishNotReady: false, settings);
        }
        // Without endpoints, the host itself is what DNS is asked for.
        bool byDns = spec.Resolution is ServiceEntryResolution.Dns or ServiceEntryResolution.DnsRoundRobin;
        IEnumerable<WorkloadEntrySpec> endpoints = byDns && spec.Endpoints.IsEmpty ? [new WorkloadEntrySpec { Address = host }] : spec.Endpoints;
        return from endpoint in endpoints
               where !string.IsNullOrEmpty(endpoint.Address)
               from port in spec.Ports
               select Convert(endpoint, port, entry.Namespace, settings);
    }

    // Istio: the endpoint's own port for the name, else the service port's target, else its number; none for a socket file.
    private static Endpoint Convert(WorkloadEntrySpec source, ServiceEntryPort port, string @namespace, MeshSettings settings) => new()
    {
        Address = source.Address!,
        Port = source.Address!.StartsWith("unix://", StringComparison.Ordinal) ? 0 : source.Ports.GetValueOrDefault(port.Name, TargetPort(port)),
        ServicePortName = port.Name,
        ServicePort = port.Number,
        Namespace = @namespace,
        Labels = source.Labels,
        Identity = string.IsNullOrEmpty(source.ServiceAccount) ? null : settings.Identity(@namespace, source.ServiceAccount),
        TlsMode = source.Labels.GetValueOrDefault(TlsModes.Label, string.IsNullOrEmpty(source.ServiceAccount) ? TlsModes.Disabled : TlsModes.Istio),
        Weight = Math.Max(source.Weight, 1),
        Locality = source.Locality ?? "",
        Network = source.Network ?? "",
    };

    private static ServicePort Convert(ServiceEntryPort port) => new()
    {
        Name = port.Name,
        Number = port.Number,
        Protocol = ProtocolSelection.Parse(port.Protocol),
        TargetPort = TargetPort(port),
    };

    private static uint TargetPort(ServiceEntryPort port) => port.TargetPort == 0 ? port.Number : port.TargetPort;

    // A range of one address is that address.
    private static string PlainAddress(string address) =>
        address.EndsWith("/32", StringComparison.Ordinal) && !address.Contains(':', StringComparison.Ordinal) ? address[..^3]
        : address.EndsWith("/128", StringComparison.Ordinal) ? address[..^4] : address;

    private static Resolution Resolve(ServiceEntryResolution resolution) => resolution switch
    {
        ServiceEntryResolution.Static => Resolution.ClientSideLb,
        ServiceEntryResolution.Dns => Resolution.DnsLb,
        ServiceEntryResolution.DnsRoundRobin => Resolution.DnsRoundRobinLb,
        ServiceEntryResolution.DynamicDns => Resolution.DynamicDns,
        _ => Resolution.Passthrough,
    };
}
