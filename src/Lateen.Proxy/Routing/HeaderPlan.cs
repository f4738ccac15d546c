using Lateen.Proxy.Http;

namespace Lateen.Proxy.Routing;

/// <summary>
/// The header changes of a route's levels in order (Envoy: weighted cluster, route, virtual host, route configuration; the last three
/// turned round by <c>most_specific_header_mutations_wins</c>).
/// </summary>
internal sealed class HeaderPlan(IEnumerable<HeaderMutations> request, IEnumerable<HeaderMutations> response)
{
    private readonly HeaderMutations[] _request = [.. request.Where(m => !m.IsEmpty)];
    private readonly HeaderMutations[] _response = [.. response.Where(m => !m.IsEmpty)];

    public void ApplyToRequest(HttpExchange exchange)
    {
        exchange.WeightedCluster?.RequestHeaders.Apply(exchange, exchange.Request.Headers);
        foreach (var level in _request)
            level.Apply(exchange, exchange.Request.Headers);
    }

    public void ApplyToResponse(HttpExchange exchange, ResponseHead response)
    {
        exchange.WeightedCluster?.ResponseHeaders.Apply(exchange, response.Headers);
        foreach (var level in _response)
            level.Apply(exchange, response.Headers);
    }
}
