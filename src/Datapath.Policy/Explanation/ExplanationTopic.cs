namespace Datapath.Policy;

/// <summary>What a step of an <see cref="Explanation"/> or <see cref="MasqueradeExplanation"/> is about.</summary>
public enum ExplanationTopic
{
    /// <summary>Who dials.</summary>
    Client,

    /// <summary>A frontend that the dial matches, or nearly.</summary>
    Frontend,

    /// <summary>Which of two scopes of a frontend counts.</summary>
    Scope,

    /// <summary>A policy that redirects the dial, or might have.</summary>
    Redirect,

    /// <summary>A backend that the dial may go to, or not.</summary>
    Backend,

    /// <summary>What becomes of the dial or packet.</summary>
    Result,

    /// <summary>Something that is known of where a packet comes from.</summary>
    Source,

    /// <summary>Something that is known of where a packet goes.</summary>
    Destination,

    /// <summary>A rule that is asked about a packet.</summary>
    Rule,
}
