using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Datapath.SampleCluster;

/// <summary>Answers requests.</summary>
internal sealed class ApiRequests(ApiServer server)
{
    public async Task HandleAsync(HttpContext context)
    {
        _ = server.Protocols.TryAdd(context.Request.Protocol, true);
        try
        {
            if (!IsKnown(context))
                await RefuseAsync(context, 401, "Unauthorized");
            else if (Discovery.Find(context.Request.Path.Value!, server.Resources) is { } document)
                await AnswerAsync(context, 200, document);
            else if (ApiPath.TryParse(context.Request.Path.Value!, server.Resources) is { } path)
                await HandleAsync(context, path);
            else
                await RefuseAsync(context, 404, "NotFound");
        }
        catch (OperationCanceledException)
        {
            context.Abort(); // the client has gone
        }
    }

    private static async Task AnswerAsync(HttpContext context, int status, JsonNode document)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(document.ToJsonString(), context.RequestAborted);
    }

    private static Task RefuseAsync(HttpContext context, int status, string reason, string message = "", int? retryAfter = null)
    {
        if (retryAfter is { } seconds)
            context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        return AnswerAsync(context, status, Refusal(status, reason, message));
    }

    private static JsonObject Refusal(int status, string reason, string message) => new()
    {
        ["kind"] = "Status",
        ["apiVersion"] = "v1",
        ["metadata"] = new JsonObject(),
        ["status"] = "Failure",
        ["message"] = message,
        ["reason"] = reason,
        ["code"] = status,
    };

    private bool IsKnown(HttpContext context)
    {
        var header = context.Request.Headers.Authorization.ToString();
        return (header.StartsWith("Bearer ", StringComparison.Ordinal) && server.Tokens.ContainsKey(header["Bearer ".Length..]))
            || (context.Connection.ClientCertificate is { } client && server.Clients.ContainsKey(client.Thumbprint));
    }

    private async Task HandleAsync(HttpContext context, ApiPath path)
    {
        var query = context.Request.Query;
        var verb = context.Request.Method switch
        {
            "GET" when path.Name.Length > 0 => "get",
            "GET" => query["watch"].ToString() is "true" or "1" ? "watch" : "list",
            "POST" => "create",
            "PUT" => "update",
            "PATCH" => "patch",
            var other => other.ToLowerInvariant(),
        };
        server.Requests.Enqueue($"{verb} {path.Resource.Plural}{(path.Name.Length > 0 ? "/" + path.Name : "")}{(path.Part.Length > 0 ? "/" + path.Part : "")} {WebUtility.UrlDecode(context.Request.QueryString.Value)}".TrimEnd());
        var fault = server.Meet(verb, path.Resource.Plural);
        if (fault is { Until: { } until })
            await until.WaitAsync(context.RequestAborted);
        if (fault is { Status: > 0, Reason.Length: 0 })
            await AnswerPageAsync(context, fault.Status);
        else if (fault is { Status: > 0 })
            await RefuseAsync(context, fault.Status, fault.Reason, "as the test wants it", fault.RetryAfter);
        else if (fault is { Cuts: true })
            await CutAsync(context);
        else
            await HandleAsync(context, path, verb);
    }

    private static Task AnswerPageAsync(HttpContext context, int status)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsync("<html>not what you asked</html>", context.RequestAborted);
    }

    private static async Task CutAsync(HttpContext context)
    {
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync("""{"kind":"List","metadata":{"resourceVersion":"1""", context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
        context.Abort();
    }

    private async Task HandleAsync(HttpContext context, ApiPath path, string verb)
    {
        switch (verb)
        {
            case "list":
                await ListAsync(context, path);
                break;
            case "watch":
                await WatchAsync(context, path);
                break;
            case "create":
                await CreateAsync(context, path);
                break;
            case "get" when server.Store.Find(path.Resource, path.Namespace, path.Name) is { } item:
                await AnswerAsync(context, 200, item);
                break;
            case "delete" when server.Store.Delete(path.Resource, path.Namespace, path.Name) is { } item:
                await AnswerAsync(context, 200, item);
                break;
            case "update" when server.Store.Find(path.Resource, path.Namespace, path.Name) is not null:
                await AnswerAsync(context, 200, server.Store.Put(path.Resource, await ReadAsync(context)));
                break;
            case "patch" when context.Request.ContentType is not "application/merge-patch+json":
                await RefuseAsync(context, 415, "UnsupportedMediaType", "this server knows merge patches only");
                break;
            case "patch" when path.Part.Length == 0 || path.Resource.HasStatus:
                await PatchAsync(context, path);
                break;
            default:
                await RefuseAsync(context, 404, "NotFound", $"{path.Resource.Plural} \"{path.Name}\" not found");
                break;
        }
    }

    /// <summary>A patch that names a version is for that version alone.</summary>
    private async Task PatchAsync(HttpContext context, ApiPath path)
    {
        var patch = await ReadAsync(context);
        var (item, isChanged) = server.Store.Change(
            path.Resource, path.Namespace, path.Name, (string?)patch["metadata"]?["resourceVersion"], item => Patch(path, item, patch));
        if (item is null)
            await RefuseAsync(context, 404, "NotFound", $"{path.Resource.Plural} \"{path.Name}\" not found");
        else if (isChanged)
            await AnswerAsync(context, 200, item);
        else
            await RefuseAsync(context, 409, "Conflict", $"Operation cannot be fulfilled on {path.Resource.Plural} \"{path.Name}\": the object has been modified");
    }

    /// <summary>A status is written through its own part alone, and nothing else with it.</summary>
    private static JsonObject Patch(ApiPath path, JsonObject item, JsonObject patch)
    {
        var outcome = MergePatch.Apply(item, patch)!.AsObject();
        if (path.Part == "status")
        {
            var status = outcome["status"]?.DeepClone();
            outcome = item.DeepClone().AsObject();
            outcome["status"] = status;
            if (path.Resource.DropsStatusByNode)
                _ = (status as JsonObject)?.Remove("nodes");
        }
        else if (path.Resource.HasStatus)
        {
            outcome["status"] = item["status"]?.DeepClone();
        }

        return outcome;
    }

    private async Task CreateAsync(HttpContext context, ApiPath path)
    {
        var item = await ReadAsync(context);
        var metadata = item["metadata"]!.AsObject();
        if (path.Resource.IsNamespaced)
            metadata["namespace"] = path.Namespace;
        if (server.Store.Find(path.Resource, path.Namespace, (string)metadata["name"]!) is not null)
            await RefuseAsync(context, 409, "AlreadyExists");
        else
            await AnswerAsync(context, 201, server.Store.Put(path.Resource, item));
    }

    private async Task ListAsync(HttpContext context, ApiPath path)
    {
        var (resource, query) = (path.Resource, context.Request.Query);
        var token = query["continue"].ToString() is { Length: > 0 } text ? Encoding.UTF8.GetString(Convert.FromBase64String(text)).Split('\n') : null;
        _ = int.TryParse(query["limit"], CultureInfo.InvariantCulture, out var limit);
        if (server.Store.List(resource, Selectors(path, query), token is null ? null : long.Parse(token[0], CultureInfo.InvariantCulture), token?[1] ?? "", limit) is not { } page)
        {
            await RefuseAsync(context, 410, "Expired", "The provided continue parameter is too old");
            return;
        }

        var metadata = new JsonObject { ["resourceVersion"] = page.Version.ToString(CultureInfo.InvariantCulture) };
        if (page.LastKey is { } last)
            metadata["continue"] = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{page.Version}\n{last}"));
        foreach (var item in resource.IsCustom ? [] : page.Items)
            (_, _) = (item.Remove("kind"), item.Remove("apiVersion")); // as the real one: the list says it
        await AnswerAsync(context, 200, new JsonObject
        {
            ["kind"] = resource.Kind + "List",
            ["apiVersion"] = resource.ApiVersion,
            ["metadata"] = metadata,
            ["items"] = new JsonArray([.. page.Items]),
        });
    }

    private async Task WatchAsync(HttpContext context, ApiPath path)
    {
        var query = context.Request.Query;
        var session = new WatchSession(path.Resource, Selectors(path, query), query["allowWatchBookmarks"] == "true");
        var version = query["resourceVersion"].ToString() is { Length: > 0 } text ? long.Parse(text, CultureInfo.InvariantCulture) : server.Store.Version;
        context.Response.ContentType = "application/json";
        if (!server.Store.Watch(session, version))
        {
            // The real one has both ways to say it.
            var refusal = Refusal(410, "Expired", $"too old resource version: {version}");
            await context.Response.WriteAsync(new JsonObject { ["type"] = "ERROR", ["object"] = refusal }.ToJsonString() + "\n", context.RequestAborted);
            return;
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        if (int.TryParse(query["timeoutSeconds"], CultureInfo.InvariantCulture, out var seconds))
            limit.CancelAfter(TimeSpan.FromSeconds(seconds));
        try
        {
            await context.Response.Body.FlushAsync(limit.Token);
            await foreach (var frame in session.Output.ReadAllAsync(limit.Token))
            {
                if (frame is null)
                {
                    context.Abort();
                    return;
                }

                await context.Response.Body.WriteAsync(frame, limit.Token);
                await context.Response.Body.FlushAsync(limit.Token);
            }
        }
        catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
        {
            // its time is over
        }
        finally
        {
            server.Store.End(session);
        }
    }

    private static ApiSelectors Selectors(ApiPath path, IQueryCollection query) =>
        new(path.IsOfAllNamespaces ? null : path.Namespace, query["labelSelector"].ToString(), query["fieldSelector"].ToString());

    private static async Task<JsonObject> ReadAsync(HttpContext context) =>
        (await JsonNode.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted))!.AsObject();
}
