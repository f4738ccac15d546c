using Lateen.Resources.Networking;
using Lateen.Validation.Grammar;

namespace Lateen.Validation.Networking;

/// <summary>Retries (VS-120 to VS-123).</summary>
internal static class HttpRetryRules
{
    public static void Check(HttpRetry? retries, Field at)
    {
        if (retries is null) return;
        at["attempts"].Require("VS-120", retries.Attempts >= 0, "must not be negative");
        bool configured = retries.PerTryTimeout is not null || !string.IsNullOrEmpty(retries.RetryOn) || retries.RetryRemoteLocalities is not null;
        at.Require("VS-121", retries.Attempts != 0 || !configured, "has a policy while attempts is 0, which switches retries off");
        at["perTryTimeout"].Check("VS-122", Numbers.DurationProblem(retries.PerTryTimeout));
        at["backoff"].Check("VS-122", Numbers.DurationProblem(retries.Backoff));
        if (string.IsNullOrEmpty(retries.RetryOn)) return;
        foreach (string condition in retries.RetryOn.Split(',')) at["retryOn"].Check("VS-123", HttpNames.RetryConditionProblem(condition));
    }
}
