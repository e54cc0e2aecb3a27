namespace Datapath.Hosting;

/// <summary>Has a credential, and a newer one when that is needed. Safe from any thread.</summary>
internal interface ICredentialSource
{
    /// <summary>The credential to use now.</summary>
    /// <exception cref="CredentialException">There is none.</exception>
    ValueTask<Credential> GetAsync(CancellationToken cancellationToken);

    /// <summary>Tells that a server did not accept a credential, so that the next one is had anew.</summary>
    void Reject(Credential credential);
}
