using Lateen.Proxy.Configuration;
using Lateen.Proxy.Http;
using Lateen.Proxy.Matching;
using Proto = Envoy.Config.Route.V3.RetryPolicy;

namespace Lateen.Proxy.Routing;

/// <summary>Compiles retry policies.</summary>
internal static class RetryPolicyCompiler
{
    /// <exception cref="ConfigurationException">A field that cannot be honoured.</exception>
    public static RetryPolicy Compile(Proto proto)
    {
        if (proto.RetryPriority is not null)
            throw new ConfigurationException("retry_priority", "retry priorities are not supported");
        if (proto.RetryOptionsPredicates.Count > 0)
            throw new ConfigurationException("retry_options_predicates", "retry option predicates are not supported");
        var backOff = proto.RetryBackOff;
        if (backOff is { BaseInterval: null })
            throw new ConfigurationException("retry_back_off.base_interval", "expected a duration");
        var baseInterval = Durations.Positive(backOff?.BaseInterval, "retry_back_off.base_interval") ?? TimeSpan.FromMilliseconds(25);
        var maxInterval = Durations.Positive(backOff?.MaxInterval, "retry_back_off.max_interval") ?? baseInterval * 10;
        if (maxInterval < baseInterval)
            throw new ConfigurationException("retry_back_off.max_interval", "expected at least base_interval");
        return new RetryPolicy
        {
            On = RetryPolicy.ParseRetryOn(proto.RetryOn),
            MaxRetries = (int)Math.Min(proto.NumRetries ?? 1, int.MaxValue),
            PerTryTimeout = Durations.ZeroIsNone(proto.PerTryTimeout, "per_try_timeout", null),
            PerTryIdleTimeout = Durations.ZeroIsNone(proto.PerTryIdleTimeout, "per_try_idle_timeout", null),
            BackOffBase = baseInterval,
            BackOffMax = maxInterval,
            ResetHeaders = [.. (proto.RateLimitedRetryBackOff?.ResetHeaders ?? []).Select(
                h => new ResetHeader(HeaderName.Of(h.Name), h.Format == Proto.Types.ResetHeaderFormat.UnixTimestamp))],
            ResetMax = Durations.Positive(proto.RateLimitedRetryBackOff?.MaxInterval, "rate_limited_retry_back_off.max_interval")
                ?? TimeSpan.FromSeconds(300),
            RetriableStatusCodes = [.. proto.RetriableStatusCodes.Select(c => (int)c)],
            RetriableHeaders = HeaderMatcher.CompileAll(proto.RetriableHeaders, "retriable_headers"),
            RetriableRequestHeaders = HeaderMatcher.CompileAll(proto.RetriableRequestHeaders, "retriable_request_headers"),
            AvoidPreviousHosts = HasPredicate(proto, "envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate", "envoy.retry_host_predicates.previous_hosts"),
            OmitCanaryHosts = HasPredicate(proto, "envoy.extensions.retry.host.omit_canary_hosts.v3.OmitCanaryHostsPredicate", "envoy.retry_host_predicates.omit_canary_hosts"),
            HostSelectionAttempts = proto.HostSelectionRetryMaxAttempts > 0 ? (int)Math.Min(proto.HostSelectionRetryMaxAttempts, 1000) : 1,
        };
    }

    private static bool HasPredicate(Proto proto, string type, string name)
    {
        var found = false;
        for (var i = 0; i < proto.RetryHostPredicate.Count; i++)
        {
            var predicate = proto.RetryHostPredicate[i];
            var typeUrl = predicate.TypedConfig?.TypeUrl ?? "";
            var typeName = typeUrl[(typeUrl.LastIndexOf('/') + 1)..];
            found |= typeName == type || (typeName.Length == 0 && predicate.Name == name);
            if (!IsKnown(typeName.Length > 0 ? typeName : predicate.Name))
                throw new ConfigurationException($"retry_host_predicate[{i}]", $"host predicate {predicate.Name} is not supported");
        }

        return found;
    }

    private static bool IsKnown(string typeOrName) => typeOrName
        is "envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate" or "envoy.retry_host_predicates.previous_hosts"
        or "envoy.extensions.retry.host.omit_canary_hosts.v3.OmitCanaryHostsPredicate" or "envoy.retry_host_predicates.omit_canary_hosts";
}
