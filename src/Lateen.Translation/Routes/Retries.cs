using System.Globalization;
using Envoy.Config.Route.V3;
using Envoy.Extensions.Retry.Host.PreviousHosts.V3;
using Envoy.Extensions.Retry.Priority.PreviousPriorities.V3;
using Lateen.Resources.Networking;
using Lateen.Translation.Naming;

namespace Lateen.Translation.Routes;

/// <summary>Retry policies: what a user leaves out is Istio's default.</summary>
internal static class Retries
{
    private const string RetriableStatusCodes = "retriable-status-codes";
    private const string DefaultRetryOn = "connect-failure,refused-stream,unavailable,cancelled," + RetriableStatusCodes;
    private const uint DefaultRetries = 2;
    private const int HostSelectionAttempts = 5;
    private const int PriorityUpdateFrequency = 2;

    /// <param name="retries">The route's policy, else the mesh's; null for Istio's default.</param>
    /// <param name="consistentHash">The one destination is chosen by hash: trying another host would defeat it.</param>
    /// <returns>Null when retries are switched off.</returns>
    public static RetryPolicy? Policy(HttpRetry? retries, bool consistentHash)
    {
        if (retries is { Attempts: <= 0 }) return null;
        var policy = new RetryPolicy { NumRetries = DefaultRetries, RetryOn = DefaultRetryOn };
        if (retries is not null) Override(policy, retries);
        if (retries?.RetryIgnorePreviousHosts ?? !consistentHash) AvoidPreviousHosts(policy);
        return policy;
    }

    /// <summary>What a sidecar does for its own application: a request of which nothing was sent can always be sent again.</summary>
    public static RetryPolicy Inbound() => new() { NumRetries = DefaultRetries, RetryOn = "reset-before-request" };

    private static void Override(RetryPolicy policy, HttpRetry retries)
    {
        policy.NumRetries = (uint)retries.Attempts;
        if (!string.IsNullOrEmpty(retries.RetryOn)) SetConditions(policy, retries.RetryOn);
        if (retries.PerTryTimeout is { } timeout) policy.PerTryTimeout = timeout.Value.ToProto();
        if (retries.Backoff is { } backoff)
            policy.RetryBackOff = new RetryPolicy.Types.RetryBackOff { BaseInterval = backoff.Value.ToProto() };
        if (retries.RetryRemoteLocalities == true)
        {
            policy.RetryPriority = new RetryPolicy.Types.RetryPriority
            {
                Name = FilterNames.PreviousPriorities,
                TypedConfig = new PreviousPrioritiesConfig { UpdateFrequency = PriorityUpdateFrequency }.Packed(),
            };
        }
    }

    /// <summary>Bare status codes among the conditions move to the list of codes.</summary>
    private static void SetConditions(RetryPolicy policy, string retryOn)
    {
        var words = retryOn.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var conditions = words.Where(word => StatusCode(word) is null).ToList();
        policy.RetriableStatusCodes.Add(words.Select(StatusCode).OfType<uint>());
        if (policy.RetriableStatusCodes.Count > 0 && !conditions.Contains(RetriableStatusCodes)) conditions.Add(RetriableStatusCodes);
        policy.RetryOn = string.Join(',', conditions);
    }

    private static uint? StatusCode(string word) =>
        uint.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var code) && code is >= 100 and <= 599 ? code : null;

    private static void AvoidPreviousHosts(RetryPolicy policy)
    {
        policy.HostSelectionRetryMaxAttempts = HostSelectionAttempts;
        policy.RetryHostPredicate.Add(new RetryPolicy.Types.RetryHostPredicate
        {
            Name = FilterNames.PreviousHosts,
            TypedConfig = new PreviousHostsPredicate().Packed(),
        });
    }
}
