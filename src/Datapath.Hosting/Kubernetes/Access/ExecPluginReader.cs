namespace Datapath.Hosting;

/// <summary>Reads what a kubeconfig says of a credential plugin.</summary>
internal static class ExecPluginReader
{
    public static ExecCredentials? Read(ConfigFields fields, ExecCluster cluster, TimeProvider time)
    {
        var (version, command) = (fields.Text("apiVersion"), fields.Text("command"));
        if (version is not (ExecProtocol.Version or ExecProtocol.OldVersion))
            fields.Error("apiVersion", version is null ? $"is required: {ExecProtocol.Version}" : $"'{version}' must be {ExecProtocol.Version} or {ExecProtocol.OldVersion}");
        if (command is null)
            fields.Error("command", "is required");
        var mode = fields.Text("interactiveMode");
        if (mode is "Always")
            fields.Error("interactiveMode", "'Always' is not possible: there is nobody to ask");
        else if (mode is not (null or "Never" or "IfAvailable"))
            fields.Error("interactiveMode", $"'{mode}' must be Never, IfAvailable or Always");
        var variables = new List<KeyValuePair<string, string>>();
        foreach (var variable in fields.List("env"))
        {
            if (variable.Text("name") is { } name)
                variables.Add(new(name, variable.Text("value") ?? ""));
            else
                variable.Error("name", "is required");
        }

        string[] arguments = [.. fields.Texts("args")];
        if (command is null || version is null)
            return null;
        // A name alone is looked for on the PATH; a relative path begins at the kubeconfig.
        var program = command.Contains('/', StringComparison.Ordinal) ? fields.Absolute(command) : command;
        return new(new(version, program, arguments, variables, fields.Switch("provideClusterInfo") ? cluster : null), fields.Text("installHint"), time);
    }
}
