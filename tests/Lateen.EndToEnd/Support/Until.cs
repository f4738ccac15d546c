using System.Diagnostics;

namespace Lateen.EndToEnd.Support;

/// <summary>Waits for conditions.</summary>
internal static class Until
{
    /// <summary>Asks again and again, 20 ms apart, until <paramref name="condition"/> holds; fails with its last answer after <paramref name="limit"/>.</summary>
    public static async Task<TimeSpan> TrueAsync(string what, TimeSpan limit, Func<Task<bool>> condition, Func<string>? diagnose = null)
    {
        var watch = Stopwatch.StartNew();
        Exception? last = null;
        while (watch.Elapsed < limit)
        {
            try
            {
                if (await condition())
                {
                    return watch.Elapsed;
                }

                last = null;
            }
            catch (Exception e) when (e is HttpRequestException or IOException or TaskCanceledException or System.Net.Sockets.SocketException)
            {
                last = e;
            }

            await Task.Delay(20);
        }

        throw new TimeoutException($"not within {limit.TotalSeconds:0.#} s: {what}{(last is null ? "" : " (" + last.Message + ")")}\n{diagnose?.Invoke()}");
    }

    public static Task<TimeSpan> TrueAsync(string what, TimeSpan limit, Func<bool> condition, Func<string>? diagnose = null) =>
        TrueAsync(what, limit, () => Task.FromResult(condition()), diagnose);
}
