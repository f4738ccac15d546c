using System.Text.Json;

namespace Lateen.Validation.Grammar;

/// <summary>Keys written into a policy (RFC 7517): one key or a set.</summary>
internal static class JsonWebKeys
{
    /// <summary>What is wrong, and the places of keys that hold what must stay secret.</summary>
    public static (string? Problem, IReadOnlyList<int> Secret) Read(string text)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            JsonElement root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object) return ("must be a JSON object with keys", []);
            JsonElement[] keys = [root];
            if (root.TryGetProperty("keys", out JsonElement set))
            {
                if (set.ValueKind != JsonValueKind.Array) return ("\"keys\" must be a list", []);
                keys = [.. set.EnumerateArray()];
            }
            string? problem = keys.Select(KeyProblem).FirstOrDefault(found => found is not null);
            return (problem, [.. keys.Index().Where(key => problem is null && IsSecret(key.Item)).Select(key => key.Index)]);
        }
        catch (JsonException exception)
        {
            return ($"is no JSON: {exception.Message}", []);
        }
    }

    private static string? KeyProblem(JsonElement key)
    {
        if (key.ValueKind != JsonValueKind.Object) return "a key must be an object";
        string[]? members = Text(key, "kty") switch
        {
            "RSA" => ["n", "e"],
            "EC" => ["crv", "x", "y"],
            "OKP" => ["crv", "x"],
            "oct" => ["k"],
            _ => null,
        };
        if (members is null) return "\"kty\" of a key must be RSA, EC, OKP or oct";
        string? missing = members.FirstOrDefault(member => string.IsNullOrEmpty(Text(key, member)));
        return missing is null ? null : $"a key lacks \"{missing}\"";
    }

    private static bool IsSecret(JsonElement key) => Text(key, "kty") == "oct" || Text(key, "d") is { Length: > 0 };

    private static string? Text(JsonElement key, string member) =>
        key.TryGetProperty(member, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
