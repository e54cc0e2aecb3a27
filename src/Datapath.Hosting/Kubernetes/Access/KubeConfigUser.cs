namespace Datapath.Hosting;

/// <summary>Reads who a user of a kubeconfig is.</summary>
internal static class KubeConfigUser
{
    /// <summary>What would change who is asking, or how, and is not done: to leave it aside would mean more rights, or none.</summary>
    private static readonly string[] s_unsupported = ["as", "as-uid", "as-groups", "as-user-extra", "username", "password", "auth-provider"];

    public static ICredentialSource? Read(ConfigFields? user, ExecCluster cluster, KubernetesOptions options, TimeProvider time, List<string> errors)
    {
        if (user is null)
            return errors.Count == 0 ? new StoredCredentials(options.Timings.CredentialAge, time) : null;
        foreach (var name in s_unsupported.Where(user.Has))
            user.Error(name, "is not supported");
        var (certificate, key, tokenFile) = (user.Pem("client-certificate"), user.Pem("client-key"), user.Text("tokenFile"));
        if (certificate is null != key is null)
            user.Error(certificate is null ? "client-certificate" : "client-key", $"is required beside {(certificate is null ? "client-key" : "client-certificate")}");
        var stored = new StoredCredentials(options.Timings.CredentialAge, time)
        {
            Token = user.Text("token"),
            TokenFile = tokenFile is null ? null : user.Absolute(tokenFile),
            Certificate = certificate,
            Key = key,
        };
        var exec = user.Mapping("exec") is { } fields ? ExecPluginReader.Read(fields, cluster, time) : null;
        if (errors.Count > 0)
            return null;
        if (exec is not null)
            return exec;
        try
        {
            stored.Check();
            return stored;
        }
        catch (CredentialException e)
        {
            errors.Add(e.Message);
            return null;
        }
    }
}
