using Datapath.Policy;

namespace Datapath.Hosting;

/// <summary>What statuses mean to an operator.</summary>
internal static class ObjectStatusExtensions
{
    extension(ObjectStatus status)
    {
        /// <summary>Whether the object has no effect, or not the one that it asks for, and somebody should know.</summary>
        public bool IsNotInForce =>
            status.IsOutdated || status.Condition is ObjectCondition.Conflict or ObjectCondition.Rejected or ObjectCondition.Unsupported;
    }
}
