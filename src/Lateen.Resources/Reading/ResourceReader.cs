using k8s;
using k8s.Models;

namespace Lateen.Resources.Reading;

/// <summary>Reads the objects of YAML and JSON files: the one way in for everything a user writes.</summary>
public static class ResourceReader
{
    /// <summary>Reads every object of a text: several documents, and lists of objects.</summary>
    /// <param name="file">Path of the file, for positions.</param>
    /// <param name="text">YAML or JSON.</param>
    public static ReadResult Read(string file, string text)
    {
        var errors = new List<ReadError>();
        var documents = new List<ResourceDocument>();
        foreach (Node root in NodeReader.Read(file, text, errors)) ReadObject(file, root, documents, errors);
        return new(documents, errors);
    }

    /// <summary>
    /// Reads a value that is no Kubernetes object into a record, such as a MeshConfig, by the rules of proto JSON: proto names are taken
    /// as well, unknown fields are left out.
    /// </summary>
    /// <param name="node">Its node.</param>
    /// <param name="report">Gets each error: line, column, path, message.</param>
    /// <returns>The value, or the default after an error.</returns>
    public static T? ReadMessage<T>(Node node, Action<int, int, string, string> report) => Read<T>(node, Decoding.ProtoJson, report);

    /// <summary>Reads a value that is no Kubernetes object into a record; unknown fields are errors.</summary>
    /// <param name="node">Its node.</param>
    /// <param name="report">Gets each error: line, column, path, message.</param>
    /// <returns>The value, or the default after an error.</returns>
    public static T? ReadValue<T>(Node node, Action<int, int, string, string> report) => Read<T>(node, Decoding.ApiServer, report);

    private static T? Read<T>(Node node, Decoding decoding, Action<int, int, string, string> report) =>
        new NodeBinder(report, decoding).Bind(node, TypeShape.Of(typeof(T)), "") is { } value ? (T)value : default;

    private static void ReadObject(string file, Node node, List<ResourceDocument> documents, List<ReadError> errors)
    {
        if (node is not MappingNode root)
        {
            errors.Add(new(new(file, node.Line, node.Column), "expected an object with apiVersion and kind"));
            return;
        }
        string? apiVersion = Text(root["apiVersion"]);
        string? kind = Text(root["kind"]);
        // A file that is not about a cluster at all (settings of some tool) is nobody's mistake.
        if (root["apiVersion"] is null && root["kind"] is null) return;
        if (string.IsNullOrEmpty(apiVersion) || string.IsNullOrEmpty(kind))
        {
            string missing = string.IsNullOrEmpty(apiVersion) ? "apiVersion" : "kind";
            errors.Add(new(new(file, root.Line, root.Column), $"{missing} is missing or no text", Path: missing));
            return;
        }
        if (kind.EndsWith("List", StringComparison.Ordinal) && root["items"] is SequenceNode items)
        {
            foreach (Node item in items.Items) ReadObject(file, item, documents, errors);
            return;
        }
        Bind(file, root, apiVersion, kind, documents, errors);
    }

    private static void Bind(
        string file, MappingNode root, string apiVersion, string kind, List<ResourceDocument> documents, List<ReadError> errors)
    {
        int slash = apiVersion.IndexOf('/', StringComparison.Ordinal);
        (string group, string version) = slash < 0 ? ("", apiVersion) : (apiVersion[..slash], apiVersion[(slash + 1)..]);
        var metadata = root["metadata"] as MappingNode;
        string @namespace = Text(metadata?["namespace"]) is { Length: > 0 } given ? given : "default";
        var key = new ObjectKey(group, kind, kind == "Namespace" && group == "" ? "" : @namespace, Text(metadata?["name"]) ?? "");
        int errorsBefore = errors.Count;
        void Report(int line, int column, string path, string message) => errors.Add(new(new(file, line, column), message, key, path));

        object? resource = null;
        if (KnownKinds.Find(group, kind) is { } known)
        {
            resource = BindKnown(known, version, root, key, Report);
            if (errors.Count > errorsBefore) return;
        }
        var origin = new ResourceOrigin(file, root);
        documents.Add(new(key, apiVersion, resource is IstioResource istio ? istio with { Origin = origin } : resource, origin));
    }

    private static object? BindKnown(
        KnownKind known, string version, MappingNode root, ObjectKey key, Action<int, int, string, string> report)
    {
        if (!known.Versions.Contains(version))
        {
            NodeEntry entry = root.Find("apiVersion")!;
            report(entry.Value.Line, entry.Value.Column, "apiVersion",
                $"{key.Kind} has no version {version}; it has {string.Join(", ", known.Versions)}");
        }
        object? resource = new NodeBinder(report).Bind(root, TypeShape.Of(known.Type), "");
        if (resource is IKubernetesObject<V1ObjectMeta> model)
        {
            if (string.IsNullOrEmpty(model.Metadata?.Name)) report(root.Line, root.Column, "metadata.name", "missing: this field is required");
            else if (key.Namespace.Length > 0) model.Metadata.NamespaceProperty = key.Namespace;
        }
        return resource;
    }

    private static string? Text(Node? node) => node is ScalarNode { Kind: ScalarKind.String } scalar ? scalar.Text : null;
}
