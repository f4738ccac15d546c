using System.Collections.Immutable;
using k8s.Models;
using Lateen.Resources;
using Lateen.Resources.Networking;
using Lateen.Resources.Reading;

namespace Lateen.Registry.Building;

/// <summary>Gathers services with their endpoints. A host that two objects of a namespace declare is one service with both's endpoints.</summary>
internal sealed class ServiceTable(MeshSettings settings, IEnumerable<Workload> workloads)
{
    private readonly WorkloadIndex _workloads = new(workloads);
    private readonly Dictionary<ServiceKey, (Service Service, ImmutableArray<Endpoint> Endpoints)> _services = [];

    public void Add(V1Service source, SourcePosition position)
    {
        Service service = KubernetesServices.Convert(source, position, settings);
        bool publishNotReady = source.Spec?.PublishNotReadyAddresses ?? false;
        Add(service, [], KubernetesServices.Endpoints(service, publishNotReady, _workloads, settings));
    }

    public void Add(ServiceEntry entry)
    {
        foreach (Service service in ServiceEntries.Convert(entry, settings))
        {
            Add(service, entry.Spec.SubjectAltNames, ServiceEntries.Endpoints(entry, service.Hostname, _workloads, settings));
        }
    }

    public ImmutableArray<Service> Services() => [.. _services.Values.Select(entry => entry.Service)];

    public ImmutableDictionary<ServiceKey, ImmutableArray<Endpoint>> Endpoints() =>
        _services.Where(entry => entry.Value.Endpoints.Length > 0).ToImmutableDictionary(entry => entry.Key, entry => entry.Value.Endpoints);

    private void Add(Service service, EquatableArray<string> subjectAltNames, IEnumerable<Endpoint> endpoints)
    {
        bool known = _services.TryGetValue(service.Key, out (Service Service, ImmutableArray<Endpoint> Endpoints) before);
        ImmutableArray<Endpoint> all = [.. known ? before.Endpoints : [], .. endpoints];
        IEnumerable<string> identities = all.Select(endpoint => endpoint.Identity).OfType<string>()
            .Concat(subjectAltNames).Concat(known ? before.Service.ServiceAccounts : []);
        Service first = known ? Join(before.Service, service) : service;
        _services[service.Key] = (first with { ServiceAccounts = identities.Distinct().Order(StringComparer.Ordinal).ToEquatableArray() }, all);
    }

    private static Service Join(Service older, Service younger) => older with
    {
        Ports = older.Ports.Concat(younger.Ports.Where(port => older.Port(port.Number) is null)).ToEquatableArray(),
        Addresses = older.Addresses.Concat(younger.Addresses).Distinct().ToEquatableArray(),
    };
}
